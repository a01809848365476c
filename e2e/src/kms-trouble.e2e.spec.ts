import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteSecretRoute,
  GetSecretPolicyRoute,
  RestoreSecretRoute,
  SetSecretPolicyRoute,
} from '@sallyport/contracts';
import { canRunSshd, tempDir, type RestClient, type RunResult } from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { countIn, metricsOf, startSecondBroker } from './support/processes.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { emulator, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
const errorsPage = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

/** The settings of a broker that has an access key of its own. */
const withKey = (id: string, secret: string, token?: string) => ({
  ALIBABA_CLOUD_ACCESS_KEY_ID: id,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET_FILE: undefined,
  ALIBABA_CLOUD_SECURITY_TOKEN: token,
});
/** A RAM user who may do this and nothing else. */
async function ramUser(name: string, actions: string[]): Promise<Record<string, string | undefined>> {
  const policy = { Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: ['*'] }] };
  await emulator('PUT', `ram/policies/${name}`, policy);
  const user = await emulator<Key>('PUT', `ram/users/${name}`, { policies: [name] });
  return withKey(user.accessKeyId, user.accessKeySecret);
}
interface Key {
  accessKeyId: string;
  accessKeySecret: string;
}

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
  const counted = (metrics: string, code: string) =>
    countIn(metrics, 'sallyport_credential_refused_total', { operation: 'prepare', code });

  /** The user gets one line with the reason; the auditor the event; an administrator a page that says what to do. */
  async function expectNamed(result: RunResult, code: string, kmsCode?: string, words = ''): Promise<void> {
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(words);
    const line = refusal(result.stderr);
    expect(line).toMatchObject({ code, lines: 1 });
    const [event] = await eventsOf(
      auditor,
      'credential.refused',
      (e) => e.traceparent?.includes(line.traceId) === true && e.data['code'] === code,
    );
    if (kmsCode !== undefined) expect(event?.data['kmsCode']).toBe(kmsCode);
    const row = errorsPage.split('\n').find((one) => one.startsWith(`| \`${code}\``)) ?? '';
    const [, , , meaning = '', whatToDo = ''] = row.split('|').map((cell) => cell.trim());
    expect(meaning.length, `what ${code} means, in docs/errors.md`).toBeGreaterThan(10);
    expect(whatToDo.length, `what to do about ${code}, in docs/errors.md`).toBeGreaterThan(5);
  }

  /** As above; and the broker counts it, and the host sees not even a connection. */
  async function expectRefused(code: string, kmsCode?: string, words?: string): Promise<void> {
    const [before, count] = [connections(), counted(await metricsOf('secret-broker'), code)];
    await expectNamed(await sshAs(target, { command: 'true' }), code, kmsCode, words);
    expect(counted(await metricsOf('secret-broker'), code)).toBeGreaterThan(count);
    expect(connections()).toBe(before);
  }

  it('names a secret in its deletion window, and logs on again after it was restored', async () => {
    const params = { name: secretName };
    await admin.call(DeleteSecretRoute, { params, query: { recoveryWindowDays: 7 } });
    await expectRefused('secret.deleted', 'Rejected.ResourceInDeleteWindow');
    await admin.call(RestoreSecretRoute, { params });
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });

  it.each<[string, string, string | undefined, string?]>([
    ['429', 'kms.throttled', 'Rejected.Throttling', 'KMS is busy; try again'],
    ['500', 'kms.failed', 'InternalFailure'],
    ['503', 'kms.failed', 'ServiceUnavailableTemporary'],
    ['reset', 'kms.unreachable', 'ECONNRESET'],
    ['truncated', 'kms.unreachable', undefined],
    ['not-json', 'kms.failed', 'MalformedAnswer'],
    ['expired-sts', 'kms.credentials-rejected', 'InvalidAccessKeyId.NotFound'],
    ['disabled-key', 'kms.key-unavailable', 'Rejected.Disabled'],
    ['denied', 'kms.denied', 'Forbidden.NoPermission'],
    ['key-denied', 'kms.key-denied', 'Forbidden.NoPermission'],
    ['clock-skew', 'kms.clock-skew', 'InvalidTimeStamp.Expired'],
  ])('names KMS that answers with %s: %s', async (kind, code, kmsCode, words) => {
    await emulator('PUT', 'faults', { kind, operation: 'GetSecretValue', rate: 1 });
    await expectRefused(code, kmsCode, words);
    await emulator('DELETE', 'faults');
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });

  it('names a policy of the secret that denies it to the broker, and logs on again after it was taken back', async () => {
    const params = { name: secretName };
    const { policy } = await admin.call(GetSecretPolicyRoute, { params });
    const account = /acs:ram::\d+:/.exec(policy)?.[0] ?? '';
    const denied = { Effect: 'Deny', Principal: { RAM: [`${account}user/sallyport-reader`] }, Resource: ['*'] };
    const statements = [{ ...denied, Action: ['kms:GetSecretValue'] }];
    const body = { policy: JSON.stringify({ Version: '1', Statement: statements }) };
    await admin.call(SetSecretPolicyRoute, { params, body });
    await expectRefused('kms.denied', 'Forbidden.NoPermission');
    await admin.call(SetSecretPolicyRoute, { params, body: { policy } });
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
  });

  it('names KMS that is too slow', async () => {
    await emulator('PUT', 'faults', { kind: 'delay', operation: 'GetSecretValue', rate: 1, delayMs: 30_000 });
    await expectRefused('kms.timeout', 'ETIMEDOUT', 'KMS is slow');
  });

  it.each<[string, string, string | undefined, () => Promise<Record<string, string | undefined>>]>([
    [
      'DNS is dead',
      'kms.unresolved',
      undefined,
      () => Promise.resolve({ KMS_ENDPOINT: 'https://kms.sallyport.invalid' }),
    ],
    [
      'nobody listens',
      'kms.unreachable',
      'ECONNREFUSED',
      () => Promise.resolve({ KMS_ENDPOINT: 'http://127.0.0.1:1' }),
    ],
    [
      'the access key is unknown',
      'kms.credentials-rejected',
      'InvalidAccessKeyId.NotFound',
      () => Promise.resolve(withKey('nobody', 'x')),
    ],
    [
      'the temporary key has expired',
      'kms.credentials-expired',
      'InvalidAccessKeyId.NotFound',
      () => Promise.resolve(withKey('STS.over', 'x', 'over')),
    ],
    [
      'a policy does not permit the secret',
      'kms.denied',
      'Forbidden.NoPermission',
      () => ramUser('e2e-nothing', ['kms:ListSecrets']),
    ],
    [
      'a policy does not permit kms:Decrypt',
      'kms.key-denied',
      'Forbidden.NoPermission',
      () => ramUser('e2e-no-key', ['kms:GetSecretValue']),
    ],
  ])('names it when, for one replica, %s: %s', async (_, code, kmsCode, settings) => {
    const second = await startSecondBroker(await settings());
    onTestFinished(() => second.stop().then(() => undefined));
    // Half of the logons go to the other replica, and succeed.
    let result: RunResult;
    let before: number;
    let logons = 0;
    do {
      before = connections();
      result = await sshAs(target, { command: 'true' });
      logons += 1;
    } while (result.code === 0 && logons < 40);
    await expectNamed(result, code, kmsCode);
    expect(connections()).toBe(before);
    expect(counted(await second.metrics(), code)).toBe(1);
  });

  it('B9: a session that runs does not notice, and takes new commands', async () => {
    const socket = join(tempDir(), 'master');
    const sharing = ['-o', `ControlPath=${socket}`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60'];
    onTestFinished(() => sshAs(target, { args: [...sharing, '-O', 'exit'] }).then(() => undefined));
    const shared = (command: string) => sshAs(target, { args: sharing, command });
    expect(await shared('echo before')).toMatchObject({ code: 0, stdout: 'before\n' });
    const before = connections();
    await emulator('PUT', 'faults', { kind: 'reset' });
    expect(await shared('echo after')).toMatchObject({ code: 0, stdout: 'after\n' });
    expect(connections()).toBe(before);
    await expectRefused('kms.unreachable');
  });

  it('names a secret that is gone', async () => {
    await admin.call(DeleteSecretRoute, { params: { name: secretName }, query: { force: true } });
    await expectRefused('secret.not-found', 'Forbidden.ResourceNotFound');
  });
});
