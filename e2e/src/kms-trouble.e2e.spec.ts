import { DeleteSecretRoute, RestoreSecretRoute } from '@sallyport/contracts';
import { canRunSshd, type RestClient } from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { emulator, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`B6: trouble with KMS ${JSON.stringify(why)}`, () => {
  let host: RealHost;
  let admin: RestClient;
  let auditor: RestClient;
  let target: string;
  let secretName: string;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    host = await startRealHost([{ name: 'kms', password: 'first-value' }]);
    ({ target, secretName } = await readyAccount(admin, host, 'kms', { kind: 'password', password: 'first-value' }));
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });
  afterEach(() => emulator('DELETE', 'faults'));
  afterAll(() => host.sshd.stop());

  const connections = () => host.sshd.log().filter((line) => line.startsWith('Connection from ')).length;

  /** The user gets one line with the reason; the auditor the event; the host not even a connection. */
  async function expectRefused(code: string, kmsCode?: string): Promise<void> {
    const before = connections();
    const result = await sshAs(target, { command: 'true' });
    expect(result.code).not.toBe(0);
    const line = refusal(result.stderr);
    expect(line).toMatchObject({ code, lines: 1 });
    const [event] = await eventsOf(
      auditor,
      'credential.refused',
      (e) => e.traceparent?.includes(line.traceId) === true && e.data['code'] === code,
    );
    if (kmsCode) expect(event?.data['kmsCode']).toBe(kmsCode);
    expect(connections()).toBe(before);
  }

  it('names a secret in its deletion window, and logs on again after it was restored', async () => {
    const params = { name: secretName };
    await admin.call(DeleteSecretRoute, { params, query: { recoveryWindowDays: 7 } });
    await expectRefused('secret.deleted');
    await admin.call(RestoreSecretRoute, { params });
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });

  it.each([
    ['429', 'kms.throttled'],
    ['500', 'kms.failed'],
    ['503', 'kms.failed'],
    ['reset', 'kms.unreachable'],
    ['truncated', 'kms.unreachable'],
    ['not-json', 'kms.failed'],
    ['expired-sts', 'kms.credentials-rejected'],
    ['disabled-key', 'kms.key-unavailable'],
    ['denied', 'kms.denied'],
    ['key-denied', 'kms.key-denied'],
    ['clock-skew', 'kms.clock-skew'],
  ])('names KMS that answers with %s: %s', async (kind, code) => {
    await emulator('PUT', 'faults', { kind, operation: 'GetSecretValue', rate: 1 });
    await expectRefused(code);
    await emulator('DELETE', 'faults');
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });

  it('names KMS that is too slow', async () => {
    await emulator('PUT', 'faults', { kind: 'delay', operation: 'GetSecretValue', rate: 1, delayMs: 30_000 });
    await expectRefused('kms.timeout');
  });

  it('names a secret that is gone', async () => {
    await admin.call(DeleteSecretRoute, { params: { name: secretName }, query: { force: true } });
    await expectRefused('secret.not-found');
  });
});
