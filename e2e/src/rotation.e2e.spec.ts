import { canRunSshd, makeUserKey, ssh, waitFor, type RunResult } from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { rotate } from './support/real-host.js';
import { kinds, newer, RotatingHost, usual, userOf } from './support/rotating-host.js';
import { emulator, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
const target = typeof newer === 'string' ? `this machine’s OpenSSH (${newer})` : newer.version;

describe.skipIf(!ok)(`a logon in the middle of a rotation, on ${target} ${JSON.stringify(why)}`, () => {
  let rotating: RotatingHost;
  const cells = ['a', 'b', 'c', 'd', 'ea', 'eb', 'f', 'g', 'h', 'i', 'j', 'broken', 'sound', 'last'];
  const users = cells.flatMap((cell) => kinds.map((kind) => userOf(cell, kind)));
  beforeAll(async () => {
    rotating = await RotatingHost.start(users);
  });
  afterEach(() => rotating.settle());
  afterAll(() => rotating.host.sshd.stop());

  describe.each(kinds)('with a %s', (kind) => {
    const secretFor = (cell: string) => rotating.newSecret(userOf(cell, kind), kind);

    it('B1: host old, KMS old: the first value', async () => {
      expect(await rotating.expectLogon(await secretFor('a'), 1)).toEqual(['ACSCurrent']);
    });

    it('B1: host new, KMS new: the first value', async () => {
      const secret = await secretFor('b');
      await rotating.expectLogon(secret, 1);
      await rotate(rotating.admin, secret.secretName);
      expect(await rotating.expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B2: host new, KMS old, which follows: the second value', async () => {
      const secret = await secretFor('c');
      await rotating.hostAhead(secret);
      const follow = () =>
        rotating.refused(secret, 1).then(() => {
          rotating.gates.open('tell');
        });
      expect(await rotating.expectLogon(secret, 2, follow)).toEqual(['ACSCurrent', 'ACSCurrent']);
    });

    it('B2: the same right after another rotation, when the previous value seems likely: the third value', async () => {
      const secret = await secretFor('d');
      await rotate(rotating.admin, secret.secretName);
      await rotating.hostAhead(secret);
      const before = await rotating.valueReads();
      // The third value is waited for only so long: KMS follows as soon as the second one, the previous, is on its way.
      const follow = async () => {
        await rotating.refused(secret, 1);
        const isRead = async () => (await rotating.valueReads()) >= before + 3;
        await waitFor(isRead, { what: 'the previous value to be read' });
        rotating.gates.open('tell');
      };
      expect(await rotating.expectLogon(secret, 3, follow)).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });

    it.each([
      ['host-first', 'ea'],
      ['kms-first', 'eb'],
    ] as const)(
      'B2, B3: a rotation (%s) failed with the new value on the host: the next one’s',
      async (order, cell) => {
        const secret = await secretFor(cell);
        await rotating.hostAloneAhead(secret, order);
        expect(
          await rotating.expectLogon(secret, 2, () => rotating.refused(secret, 1).then(() => rotating.begin(secret))),
        ).toEqual(['ACSCurrent', 'ACSCurrent']);
      },
    );

    it('B2, B3: the same with no other rotation: one value, five seconds, and what to do', async () => {
      const secret = await secretFor('f');
      await rotating.hostAloneAhead(secret, 'host-first');
      const { result, stages } = await rotating.logOn(secret);
      expectRefused(result, /its last rotation failed, ask an administrator to rotate it again/);
      expect(result.stderr).toMatch(/waiting…/);
      expect(stages).toEqual(['ACSCurrent']);
      await rotate(rotating.admin, secret.secretName);
      await rotating.expectLogon(secret, 1);
    });

    it('B3: host old, KMS new: the second value, ACSPrevious', async () => {
      const secret = await secretFor('g');
      const versionId = await rotating.kmsAhead(secret);
      expect(await rotating.expectLogon(secret, 2)).toEqual(['ACSCurrent', 'ACSPrevious']);
      rotating.gates.openAll();
      await rotating.gates.changed();
      await rotating.current(secret, versionId);
      expect(await rotating.expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B3: host old, KMS new, and the host follows in between: the third value', async () => {
      const secret = await secretFor('h');
      await rotating.kmsAhead(secret);
      // After the host’s refusal KMS takes its time, and the host changes meanwhile.
      await emulator('PUT', 'faults', [
        { kind: 'delay', operation: 'GetSecretValue', delayMs: 0, count: 1 },
        { kind: 'delay', operation: 'GetSecretValue', delayMs: 600_000, count: 1 },
      ]);
      const follow = async () => {
        await rotating.refused(secret, 1);
        rotating.gates.open('change');
        await rotating.gates.changed();
      };
      expect(await rotating.expectLogon(secret, 3, follow)).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });

    it('B3: a rotation that failed before it changed anything: the first value', async () => {
      const secret = await secretFor('i');
      await emulator('PUT', 'rotation', { ...usual, fail: 'before' });
      await rotating.begin(secret);
      await rotating.failed(secret);
      expect(await rotating.expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B4: a value that KMS never had: three values and no more', async () => {
      const secret = await secretFor('j');
      await rotate(rotating.admin, secret.secretName);
      if (kind === 'password') await rotating.host.sshd.setPassword(secret.user, 'set by hand');
      else await rotating.host.sshd.setAuthorizedKey(secret.user, (await makeUserKey('ed25519')).publicKey);
      const { result, stages } = await rotating.logOn(secret);
      expectRefused(result, /the host refuses the credential that KMS has for it/);
      expect(stages).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });
  });

  it('B4: of those who try a broken credential at one time, one gets to the host; others go on, and so does this one once it is rotated', async () => {
    const [broken, sound] = [
      await rotating.newSecret(userOf('broken', 'password'), 'password'),
      await rotating.newSecret(userOf('sound', 'password'), 'password'),
    ];
    await rotating.host.sshd.setPassword(broken.user, 'set by hand');
    const before = rotating.logged(/^Connection from /);
    const logOns = Array.from({ length: 6 }, () => sshAs(broken.sshUser, { command: 'true', timeoutMs: 60_000 }));
    const refusedNow = (await Promise.all(logOns)).map(({ stderr }) => stderr);
    expect(rotating.logged(/^Connection from /)).toBe(before + 1);
    const [first, ...others] = refusedNow.sort((a, b) => Number(isHeld(a)) - Number(isHeld(b)));
    expect(refusal(first ?? '').code).toBe('target.refused-credential');
    for (const stderr of others)
      expect(stderr).toMatch(/KMS has no other: try again in [1-5] s \[target\.refused-lately/);
    const held = ({ data }: { data: Record<string, unknown> }) =>
      data['secretName'] === broken.secretName && data['code'] === 'target.refused-lately';
    expect(await eventsOf(rotating.auditor, 'credential.refused', held, 5)).toHaveLength(5);

    await rotating.expectLogon(sound, 1);
    await rotate(rotating.admin, broken.secretName);
    await rotating.expectLogon(broken, 1);
    expect(rotating.logged(/^drop connection \S+ from \[127\.0\.0\.1\]/)).toBe(0);
  });

  it.skipIf(typeof newer === 'string')(
    'B4: this host does lock out who fails too often, and not the bastion',
    async () => {
      const { address, port } = rotating.host.sshd;
      const wrong = () =>
        ssh({
          destination: `${users[0] ?? ''}@${address}`,
          port,
          password: 'wrong',
          args: ['-b', '127.0.0.77'],
          command: 'true',
        });
      // Each costs its address five seconds, which pass; it is fifteen that lock it out.
      const lockedOut = async () => {
        await Promise.all(Array.from({ length: 4 }, wrong));
        return rotating.logged(/^drop connection \S+ from \[127\.0\.0\.77\].* penalty/) > 0;
      };
      await waitFor(lockedOut, { what: 'the penalty', timeoutMs: 60_000 });
      expect(rotating.logged(/^drop connection \S+ from \[127\.0\.0\.1\]/)).toBe(0);
      await rotating.expectLogon(await rotating.newSecret(userOf('last', 'password'), 'password'), 1);
    },
  );
});

const isHeld = (stderr: string): boolean => refusal(stderr).code === 'target.refused-lately';

function expectRefused(result: RunResult, reason: RegExp): void {
  expect(result.code).not.toBe(0);
  expect(refusal(result.stderr).code).toBe('target.refused-credential');
  expect(result.stderr).toMatch(reason);
  // One line when it takes long, and one with the reason.
  expect(result.stderr.match(/waiting…/g)?.length ?? 0).toBeLessThanOrEqual(1);
}
