import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { freePort } from '@sallyport/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey, type AccessKey, type AccessKeySource } from './credentials.alicloud.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import type { KmsError } from './kms-error.js';
import { kmsSuite } from './kms.suite.js';
import type { NewSecret } from './kms-administration.js';
import { startEmulator, type TestEmulator } from './start-emulator.suite.js';

let emulator: TestEmulator;
const patience = { tries: 3, tryMs: 10_000, totalMs: 30_000 };

beforeAll(async () => {
  emulator = await startEmulator();
});

interface Change {
  endpoint?: string;
  parametersIn?: 'body' | 'query';
  accessKey?: AccessKeySource;
  patience?: typeof patience;
  quotaPercent?: number;
  maxInFlight?: number;
}

function openCalls(change: Change = {}): KmsCalls {
  const { endpoint, accessKeyId, accessKeySecret } = emulator;
  const accessKey = new StaticKey(accessKeyId, Secret.of(accessKeySecret));
  const gateway = new AlicloudGateway({ endpoint, parametersIn: 'body', accessKey, ...change });
  const pace = new KmsPace({ quotaPercent: change.quotaPercent ?? 50, maxInFlight: change.maxInFlight ?? 64 });
  return new KmsCalls(gateway, pace, change.patience ?? patience, new SystemClock(), logger('test', 'silent'));
}
const openKms = (change?: Change): KmsClient => new KmsClient(openCalls(change));
const openAdministration = (change?: Change): KmsAdministrationClient => new KmsAdministrationClient(openCalls(change));

const where = () => ({ regionId: emulator.regionId, instanceId: emulator.instanceId });
kmsSuite('KmsClient by the SDK, against the emulator', () =>
  Promise.resolve({ kms: openKms(), administration: openAdministration(), ...where(), userName: emulator.userName }),
);

describe('AlicloudGateway', () => {
  const password = `hunter2-${randomUUID()}`;
  let secret: NewSecret;

  beforeAll(async () => {
    const data = Secret.of(JSON.stringify({ UserName: 'ecs-user', Password: password }));
    secret = { ...where(), name: `acs/ecs/${randomUUID()}`, versionId: 'v1', kind: 'password', data };
    await openAdministration().create(secret);
  });
  afterEach(async () => {
    await emulator.admin('DELETE', 'faults');
    await emulator.admin('PUT', 'rules', { quotaScale: 0 });
  });

  interface Counted {
    calls: Record<string, number>;
    errors: Record<string, Record<string, number>>;
  }
  const counted = async (action: string) => {
    const { calls, errors } = (await emulator.admin('GET', 'calls')) as unknown as Counted;
    return { calls: calls[action] ?? 0, throttled: errors[action]?.['Rejected.Throttling'] ?? 0 };
  };
  const errorCode = (error: unknown): unknown => (error as KmsError).code;

  const fault = (kind: string, rest: object = {}) => emulator.admin('PUT', 'faults', { kind, ...rest });
  const read = (change?: Change): Promise<unknown> => openKms(change).readValue(secret, 'ACSCurrent');
  const failure = async (change?: Change): Promise<KmsError> => {
    try {
      await read(change);
    } catch (error) {
      return error as KmsError;
    }
    throw new Error('it worked');
  };

  it('sends parameters in the URL when it is told to', async () => {
    expect(await read({ parametersIn: 'query' })).toMatchObject({ versionId: 'v1' });
  });

  it.each(['429', '500', '503', 'reset', 'truncated', 'not-json'])(
    'B5: a %s that passes goes unnoticed',
    async (kind) => {
      await fault(kind, { count: 2 });
      expect(await read()).toMatchObject({ versionId: 'v1' });
    },
  );

  it.each([
    ['429', 'kms.throttled', true],
    ['500', 'kms.failed', true],
    ['503', 'kms.failed', true],
    ['reset', 'kms.unreachable', true],
    ['not-json', 'kms.failed', true],
    ['denied', 'kms.denied', false],
    ['key-denied', 'kms.key-denied', false],
    ['disabled-key', 'kms.key-unavailable', false],
    ['expired-sts', 'kms.credentials-rejected', false],
    ['clock-skew', 'kms.clock-skew', false],
  ])('B6: %s that stays is %s', async (kind, code, retryable) => {
    await fault(kind);
    expect(await failure()).toMatchObject({ code, retryable });
  });

  it('B6: a refusal carries the code and the request id of KMS', async () => {
    await fault('denied');
    const { kmsCode, requestId } = await failure();
    expect(kmsCode).toBe('Forbidden.NoPermission');
    expect(requestId).toMatch(/^[0-9A-Fa-f-]{36}$/);
  });

  it('B6: a slow KMS is given up on when patience is over', async () => {
    await fault('delay', { delayMs: 30_000 });
    const change = { patience: { tries: 3, tryMs: 100, totalMs: 300 } };
    expect(await failure(change)).toMatchObject({ code: 'kms.timeout', kmsCode: 'ETIMEDOUT' });
  });

  it('B6: nobody listening is kms.unreachable, and a name that does not resolve is kms.unresolved', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    expect(await failure({ endpoint })).toMatchObject({ code: 'kms.unreachable', kmsCode: 'ECONNREFUSED' });
    const noName = { endpoint: 'https://kms.invalid', patience: { ...patience, tries: 1 } };
    expect(await failure(noName)).toMatchObject({ code: 'kms.unresolved' });
  });

  it('B6: a wrong access key is kms.credentials-rejected, and the text that was to be signed is shown to nobody', async () => {
    await emulator.admin('PUT', 'rules', { echoStringToSign: true });
    const accessKey = new StaticKey(emulator.accessKeyId, Secret.of('wrong'));
    const again = { ...secret, name: `acs/ecs/${randomUUID()}` };
    const error: unknown = await openAdministration({ accessKey })
      .create(again)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'kms.credentials-rejected', kmsCode: 'SignatureDoesNotMatch' });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).cause])).not.toContain(password);
    expect((error as Error).cause).toBeUndefined();
  });

  it('B6: an expired temporary key is renewed once', async () => {
    const keys = ['expired', emulator.accessKeySecret];
    const accessKey: AccessKeySource = {
      current: () => Promise.resolve({ id: keys.length > 1 ? 'gone' : emulator.accessKeyId, secret: keys[0] ?? '' }),
      renew: () => keys.length > 1 && keys.shift() !== undefined,
    };
    expect(await read({ accessKey })).toMatchObject({ versionId: 'v1' });
  });

  it('B6: a temporary key is renewed once and no more, when that does not help', async () => {
    let renewed = 0;
    const accessKey: AccessKeySource = {
      current: () => Promise.resolve({ id: `gone-${renewed}`, secret: 'x', securityToken: 'over' }),
      renew: () => (renewed += 1) > 0,
    };
    const before = await counted('GetSecretValue');
    expect(await failure({ accessKey })).toMatchObject({ code: 'kms.credentials-expired' });
    expect(renewed).toBe(1);
    expect((await counted('GetSecretValue')).calls - before.calls).toBe(2);
  });

  it('signs each request with one snapshot of the access key, although that changes all the time', async () => {
    const sts = (await emulator.admin('GET', 'sts')) as Record<string, string>;
    const { AccessKeyId: id = '', AccessKeySecret: stsSecret = '', SecurityToken: securityToken = '' } = sts;
    const keys: AccessKey[] = [
      { id: emulator.accessKeyId, secret: emulator.accessKeySecret },
      { id, secret: stsSecret, securityToken },
    ];
    let asked = 0;
    const accessKey: AccessKeySource = {
      current: () => Promise.resolve(keys[asked++ % keys.length] ?? { id: '', secret: '' }),
      renew: () => false,
    };
    const kms = openKms({ accessKey });
    for (let time = 1; time <= 6; time += 1) {
      await Promise.all([kms.readValue(secret, 'ACSCurrent'), kms.describe(secret)]);
      expect(asked).toBe(2 * time);
    }
  });

  it('B6: a temporary key that has expired, and stays so, is kms.credentials-expired', async () => {
    const gone = new StaticKey('gone', Secret.of('gone'), Secret.of('token'));
    expect(await failure({ accessKey: gone })).toMatchObject({ code: 'kms.credentials-expired', retryable: false });
  });

  it('B6: no access key at all is kms.credentials-rejected', async () => {
    const accessKey = { current: () => Promise.reject(new Error('no provider')), renew: () => true };
    expect(await failure({ accessKey })).toMatchObject({ code: 'kms.credentials-rejected', kmsCode: 'NoAccessKey' });
  });

  it('B5: 200 who ask within a second for one secret cost a few calls, and none of another quota', async () => {
    await fault('delay', { operation: 'GetSecretValue', delayMs: 200 });
    const kms = openKms();
    const before = await counted('GetSecretValue');
    const startedAt = performance.now();
    const asked = Array.from({ length: 200 }, async (_, n) => {
      await new SystemClock().sleep(n * 5);
      return kms.readValue(secret, 'ACSCurrent');
    });
    expect(new Set((await Promise.all(asked)).map(({ versionId }) => versionId))).toEqual(new Set(['v1']));
    const { calls, throttled } = await counted('GetSecretValue');
    // One at a time, each of 200 ms or more.
    expect(calls - before.calls).toBeLessThanOrEqual(Math.ceil((performance.now() - startedAt) / 200));
    expect(throttled).toBe(before.throttled);
  });

  it('B5: ever so many secrets at once stay below the quota, and each is answered', async () => {
    // 315 calls a second, and as many at once; half of 450, and a quarter more at first, is what we use.
    await emulator.admin('PUT', 'rules', { quotaScale: 0.7 });
    const kms = openKms({ patience: { tries: 1, tryMs: 60_000, totalMs: 60_000 } });
    const before = await counted('GetSecretValue');
    const asked = Array.from({ length: 700 }, (_, n) =>
      kms.readValue({ regionId: secret.regionId, name: `acs/ecs/none-${n}` }, 'ACSCurrent'),
    );
    const codes = (await Promise.allSettled(asked)).map((one) => one.status === 'rejected' && errorCode(one.reason));
    expect(new Set(codes)).toEqual(new Set(['secret.not-found']));
    const { calls, throttled } = await counted('GetSecretValue');
    expect(calls - before.calls).toBe(700);
    expect(throttled).toBe(before.throttled);
  });

  it('B5: one read is not kept waiting by many of another secret', async () => {
    await fault('delay', { operation: 'DescribeSecret', delayMs: 50 });
    const kms = openKms({ maxInFlight: 1, patience: { tries: 1, tryMs: 60_000, totalMs: 60_000 } });
    const ended: string[] = [];
    const describeBoth = [...Array<string>(30).fill(secret.name), 'acs/ecs/none'].map((name) =>
      kms
        .describe({ ...secret, name })
        .catch(errorCode)
        .finally(() => ended.push(name)),
    );
    await Promise.all(describeBoth);
    expect(ended).toHaveLength(31);
    expect(ended.indexOf('acs/ecs/none')).toBeLessThan(4);
  });

  it('B5: without a pace the same is throttled by KMS, and reported as busy', async () => {
    await emulator.admin('PUT', 'rules', { quotaScale: 0.01 });
    const kms = openKms({ quotaPercent: 1_000, patience: { tries: 1, tryMs: 30_000, totalMs: 30_000 } });
    const asked = Array.from({ length: 20 }, (_, n) =>
      kms.readValue({ regionId: secret.regionId, name: `acs/ecs/none-${n}` }, 'ACSCurrent'),
    );
    const reasons = (await Promise.allSettled(asked)).map((one) =>
      one.status === 'rejected' ? String(one.reason) : '',
    );
    expect(reasons.filter((reason) => reason.includes('KMS is busy; try again (Rejected.Throttling)'))).not.toEqual([]);
  });

  it('makes a secret once although the first answer is lost', async () => {
    await fault('truncated', { operation: 'CreateSecret', count: 1 });
    const again = { ...secret, name: `acs/ecs/${randomUUID()}`, versionId: randomUUID() };
    await openAdministration().create(again);
    expect(await openKms().readValue(again, 'ACSCurrent')).toMatchObject({ versionId: again.versionId });
  });

  it('deletes a secret once although the first answer is lost, and still says when it goes', async () => {
    const again = { ...secret, name: `acs/ecs/${randomUUID()}` };
    await openAdministration().create(again);
    await fault('truncated', { operation: 'DeleteSecret', count: 1 });
    expect((await openAdministration().delete(again, { force: false })).plannedDeleteAt).toBeDefined();
  });

  it('says why KMS does not take a request, and nothing of the value', async () => {
    const again = { ...secret, name: `acs/ecs/${randomUUID()}`, encryptionKeyId: 'key-missing' };
    const error: unknown = await openAdministration()
      .create(again)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'kms.key-unavailable' });
    expect(JSON.stringify([error, (error as Error).message])).not.toContain(password);
  });

  it('lists regions, KMS instances and keys, and tells which keys encrypt secrets', async () => {
    const { regionId } = emulator;
    const administration = openAdministration();
    expect(await administration.listRegions(regionId)).toContain(regionId);
    const [instance] = await administration.listInstances(regionId);
    const kmsInstanceId = instance?.kmsInstanceId ?? '';
    expect(kmsInstanceId).toMatch(/^kst-/);
    const { keyIds, totalCount } = await administration.listKeys(regionId, { number: 1, size: 100, kmsInstanceId });
    expect(keyIds.length).toBe(totalCount);
    const keys = await Promise.all(keyIds.map((keyId) => administration.describeKey(regionId, keyId)));
    const symmetric = keys.find(({ encryptsSecrets }) => encryptsSecrets);
    expect(symmetric).toMatchObject({ kmsInstanceId, keySpec: 'Aliyun_AES_256', state: 'Enabled' });
    const other = await administration.listKeys(regionId, { number: 1, size: 100, kmsInstanceId: 'kst-none' });
    expect(other).toEqual({ keyIds: [], totalCount: 0 });
    const none = administration.describeKey(regionId, 'key-none');
    await expect(none).rejects.toMatchObject({ code: 'kms.key-unavailable', kmsCode: 'Forbidden.KeyNotFound' });
  });

  it('leaves the judgement of a policy to KMS as well, and says why it does not take it', async () => {
    const set = openAdministration().setPolicy(secret, '{"Version":"9"}');
    await expect(set).rejects.toMatchObject({ code: 'secret.rejected', cloud: { code: 'InvalidParameter' } });
  });
});
