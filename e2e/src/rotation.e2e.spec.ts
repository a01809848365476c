import { GetSecretRoute, ListSecretVersionsRoute, RotateSecretRoute } from '@sallyport/contracts';
import {
  canRunSshd,
  makeUserKey,
  newerOpenssh,
  ssh,
  waitFor,
  type RestClient,
  type RunResult,
} from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { GatedRotation } from './support/gated-rotation.js';
import { readyAccount, rotate, startRealHost, type RealHost, type SecretValue } from './support/real-host.js';
import { emulator, signInAs, sshAs } from './support/sallyport.js';

/** With `PerSourcePenalties` at its default; an OpenSSH before 9.8 has none. */
const newer = await newerOpenssh().catch((error: unknown) => String(error));
const { ok, ...why } = canRunSshd();
const target = typeof newer === 'string' ? `this machine’s OpenSSH (${newer})` : newer.version;

type Kind = SecretValue['kind'];
const kinds: readonly Kind[] = ['password', 'ssh-key'];
const usual = { delayMs: 0, order: 'host-first', gapMs: 0, fail: null };

describe.skipIf(!ok)(`a logon in the middle of a rotation, on ${target} ${JSON.stringify(why)}`, () => {
  let host: RealHost;
  let gates: GatedRotation;
  let admin: RestClient;
  let auditor: RestClient;
  const cells = ['a', 'b', 'c', 'd', 'ea', 'eb', 'f', 'g', 'h', 'i', 'j', 'broken', 'sound', 'last'];
  const users = cells.flatMap((cell) => kinds.map((kind) => userOf(cell, kind)));
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const accounts = users.map((name) => ({ name, password: firstPassword(name) }));
    host = await startRealHost(accounts, typeof newer === 'string' ? {} : { newer });
    // Without the two seconds that PAM takes over a wrong password.
    await host.sshd.run(`sed -i '/^auth/s/$/ nodelay/' /etc/pam.d/sshd`);
    gates = await GatedRotation.of(host);
    // An account rotates 50 times an hour at most; these stories do so more often.
    await emulator('PUT', 'rules', { quotaScale: 100 });
  });
  afterEach(async () => {
    gates.openAll();
    await emulator('DELETE', 'faults');
    await emulator('PUT', 'rotation', usual);
  });
  afterAll(() => host.sshd.stop());

  /** A secret that has not been rotated yet, for an account that takes its value. */
  async function newSecret(user: string, kind: Kind): Promise<Secret> {
    const value = await firstValue(user, kind);
    const { secretName, target: sshUser } = await readyAccount(admin, host, user, value);
    return { user, kind, secretName, sshUser };
  }
  async function firstValue(user: string, kind: Kind): Promise<SecretValue> {
    if (kind === 'password') return { kind, password: firstPassword(user) };
    const { publicKey, privateKey } = await makeUserKey('rsa', { format: 'pem' });
    await host.sshd.setAuthorizedKey(user, publicKey);
    return { kind, publicKey, privateKey };
  }

  const logged = (pattern: RegExp) => host.sshd.log().filter((line) => pattern.test(line)).length;
  /** Values that the host refused. */
  const refusals = ({ user, kind }: Secret) =>
    logged(new RegExp(`^Failed ${kind === 'password' ? 'password' : 'publickey'} for ${user} `));
  const refused = (secret: Secret, count: number) =>
    waitFor(() => refusals(secret) >= count, { what: `refusal ${count} at the host`, timeoutMs: 30_000 });

  const begin = async ({ secretName }: Secret) =>
    (await admin.call(RotateSecretRoute, { params: { name: secretName }, body: {} })).versionId;
  const state = async ({ secretName }: Secret) =>
    (await admin.call(GetSecretRoute, { params: { name: secretName } })).automaticRotation;
  const failed = (secret: Secret) =>
    waitFor(async () => (await state(secret)) === 'Invalid', { what: 'the rotation to fail', timeoutMs: 30_000 });
  const current = (secret: Secret, versionId: string) =>
    waitFor(
      async () => {
        const { items } = await admin.call(ListSecretVersionsRoute, { params: { name: secret.secretName } });
        return items.some((version) => version.versionId === versionId && version.stages.includes('ACSCurrent'));
      },
      { what: 'KMS to name the new version', timeoutMs: 30_000 },
    );

  /** The host has the new value, and KMS the old one. */
  async function hostAhead(secret: Secret): Promise<void> {
    gates.hold('tell');
    await begin(secret);
    await gates.changed();
  }
  /** KMS has the new value, and the host the old one. */
  async function kmsAhead(secret: Secret): Promise<string> {
    await emulator('PUT', 'rotation', { ...usual, order: 'kms-first' });
    gates.hold('change');
    const versionId = await begin(secret);
    await current(secret, versionId);
    return versionId;
  }
  /** The rotation failed, and what the host takes is known to nobody: the new value, in truth. */
  async function hostAloneAhead(secret: Secret, order: 'host-first' | 'kms-first'): Promise<void> {
    await emulator('PUT', 'rotation', { ...usual, order, fail: 'after' });
    await begin(secret);
    await failed(secret);
    await emulator('PUT', 'rotation', usual);
  }

  /** Logs on, while something happens. One TCP connection to the host, and as many values as were refused, and one. */
  async function expectLogon(secret: Secret, attempts: number, meanwhile?: () => Promise<unknown>): Promise<string[]> {
    const { result, stages } = await logOn(secret, meanwhile);
    expect(result).toMatchObject({ code: 0, stdout: `${secret.user}\n` });
    expect(stages).toHaveLength(attempts);
    return stages;
  }
  async function logOn(secret: Secret, meanwhile?: () => Promise<unknown>) {
    const [connections, before] = [logged(/^Connection from /), refusals(secret)];
    const startedAt = new Date().toISOString();
    const running = sshAs(secret.sshUser, { command: 'id -un', timeoutMs: 60_000 });
    const [result] = await Promise.all([running, meanwhile?.()]);
    expect(logged(/^Connection from /)).toBe(connections + 1);
    const released = await eventsOf(
      auditor,
      'credential.released',
      ({ time, data }) => time >= startedAt && data['secretName'] === secret.secretName,
    );
    const attempts = released.sort((a, b) => Number(a.data['attempt']) - Number(b.data['attempt']));
    expect(attempts.map(({ data }) => data['attempt'])).toEqual(attempts.map((_, at) => at + 1));
    expect(refusals(secret) - before).toBe(attempts.length - (result.code === 0 ? 1 : 0));
    return { result, stages: attempts.map(({ data }) => String(data['stage'])) };
  }
  function expectRefused(result: RunResult, reason: RegExp): void {
    expect(result.code).not.toBe(0);
    expect(refusal(result.stderr).code).toBe('target.refused-credential');
    expect(result.stderr).toMatch(reason);
    // One line when it takes long, and one with the reason.
    expect(result.stderr.match(/waiting…/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }

  describe.each(kinds)('with a %s', (kind) => {
    const secretFor = (cell: string) => newSecret(userOf(cell, kind), kind);

    it('B1: host old, KMS old: the first value', async () => {
      expect(await expectLogon(await secretFor('a'), 1)).toEqual(['ACSCurrent']);
    });

    it('B1: host new, KMS new: the first value', async () => {
      const secret = await secretFor('b');
      await expectLogon(secret, 1);
      await rotate(admin, secret.secretName);
      expect(await expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B2: host new, KMS old, which follows: the second value', async () => {
      const secret = await secretFor('c');
      await hostAhead(secret);
      const follow = () =>
        refused(secret, 1).then(() => {
          gates.open('tell');
        });
      expect(await expectLogon(secret, 2, follow)).toEqual(['ACSCurrent', 'ACSCurrent']);
    });

    it('B2: the same right after another rotation, when the previous value seems likely: the third value', async () => {
      const secret = await secretFor('d');
      await rotate(admin, secret.secretName);
      await hostAhead(secret);
      const follow = () =>
        refused(secret, 2).then(() => {
          gates.open('tell');
        });
      expect(await expectLogon(secret, 3, follow)).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });

    it.each([
      ['host-first', 'ea'],
      ['kms-first', 'eb'],
    ] as const)(
      'B2, B3: a rotation (%s) failed with the new value on the host: the next one’s',
      async (order, cell) => {
        const secret = await secretFor(cell);
        await hostAloneAhead(secret, order);
        expect(await expectLogon(secret, 2, () => refused(secret, 1).then(() => begin(secret)))).toEqual([
          'ACSCurrent',
          'ACSCurrent',
        ]);
      },
    );

    it('B2, B3: the same with no other rotation: one value, five seconds, and what to do', async () => {
      const secret = await secretFor('f');
      await hostAloneAhead(secret, 'host-first');
      const { result, stages } = await logOn(secret);
      expectRefused(result, /its last rotation failed, ask an administrator to rotate it again/);
      expect(result.stderr).toMatch(/waiting…/);
      expect(stages).toEqual(['ACSCurrent']);
      await rotate(admin, secret.secretName);
      await expectLogon(secret, 1);
    });

    it('B3: host old, KMS new: the second value, ACSPrevious', async () => {
      const secret = await secretFor('g');
      const versionId = await kmsAhead(secret);
      expect(await expectLogon(secret, 2)).toEqual(['ACSCurrent', 'ACSPrevious']);
      gates.openAll();
      await gates.changed();
      await current(secret, versionId);
      expect(await expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B3: host old, KMS new, and the host follows in between: the third value', async () => {
      const secret = await secretFor('h');
      await kmsAhead(secret);
      // After the host’s refusal KMS takes its time, and the host changes meanwhile.
      await emulator('PUT', 'faults', [
        { kind: 'delay', operation: 'GetSecretValue', delayMs: 0, count: 1 },
        { kind: 'delay', operation: 'GetSecretValue', delayMs: 600_000, count: 1 },
      ]);
      const follow = async () => {
        await refused(secret, 1);
        gates.open('change');
        await gates.changed();
      };
      expect(await expectLogon(secret, 3, follow)).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });

    it('B3: a rotation that failed before it changed anything: the first value', async () => {
      const secret = await secretFor('i');
      await emulator('PUT', 'rotation', { ...usual, fail: 'before' });
      await begin(secret);
      await failed(secret);
      expect(await expectLogon(secret, 1)).toEqual(['ACSCurrent']);
    });

    it('B4: a value that KMS never had: three values and no more', async () => {
      const secret = await secretFor('j');
      await rotate(admin, secret.secretName);
      if (kind === 'password') await host.sshd.setPassword(secret.user, 'set by hand');
      else await host.sshd.setAuthorizedKey(secret.user, (await makeUserKey('ed25519')).publicKey);
      const { result, stages } = await logOn(secret);
      expectRefused(result, /the host refuses the credential that KMS has for it/);
      expect(stages).toEqual(['ACSCurrent', 'ACSPrevious', 'ACSCurrent']);
    });
  });

  it('B4: of those who try a broken credential at one time, one gets to the host; others go on, and so does this one once it is rotated', async () => {
    const [broken, sound] = [
      await newSecret(userOf('broken', 'password'), 'password'),
      await newSecret(userOf('sound', 'password'), 'password'),
    ];
    await host.sshd.setPassword(broken.user, 'set by hand');
    const before = logged(/^Connection from /);
    const logOns = Array.from({ length: 6 }, () => sshAs(broken.sshUser, { command: 'true', timeoutMs: 60_000 }));
    const refusedNow = (await Promise.all(logOns)).map(({ stderr }) => stderr);
    expect(logged(/^Connection from /)).toBe(before + 1);
    const [first, ...others] = refusedNow.sort((a, b) => Number(isHeld(a)) - Number(isHeld(b)));
    expect(refusal(first ?? '').code).toBe('target.refused-credential');
    for (const stderr of others)
      expect(stderr).toMatch(/KMS has no other: try again in [1-5] s \[target\.refused-lately/);
    const held = ({ data }: { data: Record<string, unknown> }) =>
      data['secretName'] === broken.secretName && data['code'] === 'target.refused-lately';
    await waitFor(async () => (await eventsOf(auditor, 'credential.refused', held)).length === 5, {
      what: 'the record',
    });

    await expectLogon(sound, 1);
    await rotate(admin, broken.secretName);
    await expectLogon(broken, 1);
    expect(logged(/^drop connection \S+ from \[127\.0\.0\.1\]/)).toBe(0);
  });

  it.skipIf(typeof newer === 'string')(
    'B4: this host does lock out who fails too often, and not the bastion',
    async () => {
      const { address, port } = host.sshd;
      const wrong = () =>
        ssh({
          destination: `${users[0] ?? ''}@${address}`,
          port,
          password: 'wrong',
          args: ['-b', '127.0.0.77'],
          command: 'true',
        });
      const lockedOut = async () => {
        await wrong();
        return logged(/^drop connection \S+ from \[127\.0\.0\.77\].* penalty/) > 0;
      };
      await waitFor(lockedOut, { what: 'the penalty', timeoutMs: 60_000 });
      expect(logged(/^drop connection \S+ from \[127\.0\.0\.1\]/)).toBe(0);
      await expectLogon(await newSecret(userOf('last', 'password'), 'password'), 1);
    },
  );
});

const isHeld = (stderr: string): boolean => refusal(stderr).code === 'target.refused-lately';

interface Secret {
  readonly user: string;
  readonly kind: Kind;
  readonly secretName: string;
  readonly sshUser: string;
}

/** One account for each story. */
function userOf(cell: string, kind: Kind): string {
  return `${cell}-${kind === 'password' ? 'pass' : 'key'}`;
}

function firstPassword(user: string): string {
  return `first-${user}-value`;
}
