import { ListSecretVersionsRoute, RotateSecretRoute } from '@sallyport/contracts';
import { canRunSshd, makeUserKey, waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { readyAccount, startRealHost, type RealHost, type SecretValue } from './support/real-host.js';
import { emulator, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
/** Between the two halves of a rotation: time for a logon to meet it, and less than a logon waits for its end. */
const gapMs = 2_500;

describe.skipIf(!ok)(`a logon in the middle of a rotation, on a real sshd ${JSON.stringify(why)}`, () => {
  let host: RealHost;
  let admin: RestClient;
  let auditor: RestClient;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    host = await startRealHost(
      ['b2pass', 'b2key', 'b3pass', 'b3key'].map((name) => ({ name, password: `first-${name}-value` })),
    );
  });
  afterEach(() => emulator('PUT', 'rotation', { order: 'host-first', gapMs: 0 }));
  afterAll(() => host.sshd.stop());

  async function firstCredential(kind: SecretValue['kind'], user: string): Promise<SecretValue> {
    if (kind === 'password') return { kind, password: `first-${user}-value` };
    const { publicKey, privateKey } = await makeUserKey('rsa', { format: 'pem' });
    await host.sshd.setAuthorizedKey(user, publicKey);
    return { kind, publicKey, privateKey };
  }
  const logged = (start: string) => host.sshd.log().filter((line) => line.startsWith(start)).length;
  /** What the host takes for a logon: it differs as soon as the host's half of a rotation is done. */
  const onHost = async (user: string) =>
    (await host.sshd.run(`getent shadow ${user}; cat ~${user}/.ssh/authorized_keys 2>/dev/null`)).stdout;

  it.each([
    ['B2', 'host-first', 'password', 'b2pass'],
    ['B2', 'host-first', 'ssh-key', 'b2key'],
    ['B3', 'kms-first', 'password', 'b3pass'],
    ['B3', 'kms-first', 'ssh-key', 'b3key'],
  ] as const)(
    '%s: succeeds when it is %s, with a %s; one connection, at most three attempts',
    async (_case, order, kind, user) => {
      const { secretName, target } = await readyAccount(admin, host, user, await firstCredential(kind, user));
      expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
      await emulator('PUT', 'rotation', { order, gapMs });

      const [before, connections] = [await onHost(user), logged('Connection from ')];
      const params = { name: secretName };
      const { versionId } = await admin.call(RotateSecretRoute, { params, body: {} });
      const isCurrent = async () =>
        (await admin.call(ListSecretVersionsRoute, { params })).items.some(
          (version) => version.versionId === versionId && version.stages.includes('ACSCurrent'),
        );
      const halfDone = order === 'host-first' ? async () => (await onHost(user)) !== before : isCurrent;
      await waitFor(halfDone, { what: 'the first half of the rotation', timeoutMs: 15_000 });
      const result = await sshAs(target, { command: 'id -un' });

      expect(result).toMatchObject({ code: 0, stdout: `${user}\n` });
      expect(logged('Connection from ')).toBe(connections + 1);
      const uses = await eventsOf(auditor, 'credential.released', (e) => e.data['secretName'] === secretName);
      // PAM takes its time over a wrong password: the host may have changed by then, and the third attempt is the one.
      expect([2, 3]).toContain(Math.max(...uses.map((event) => Number(event.data['attempt']))));
      expect(uses.find((event) => event.data['attempt'] === 2)?.data['stage']).toBe(
        order === 'host-first' ? 'ACSCurrent' : 'ACSPrevious',
      );
      await waitFor(isCurrent, { what: 'the end of the rotation', timeoutMs: 15_000 });
      await waitFor(async () => (await onHost(user)) !== before, {
        what: 'the host to have changed',
        timeoutMs: 15_000,
      });
      expect(await sshAs(target, { command: 'id -un' })).toMatchObject({ code: 0, stdout: `${user}\n` });
    },
  );
});
