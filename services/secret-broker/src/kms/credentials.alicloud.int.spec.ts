import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { tempDir } from '@sallyport/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../clock.js';
import { DefaultChain, StaticKey } from './credentials.alicloud.js';
import type { AccessKeySource } from './credentials.alicloud.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import type { NewSecret } from './kms-administration.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { startEmulator, type TestEmulator } from './start-emulator.suite.js';

describe('DefaultChain, where a credentials URI is all that there is', () => {
  /** What the URI hands out, one after the other, and the last one from then on. */
  let keys: object[];
  let questions: number;
  const uri = createServer((_, response) => {
    questions += 1;
    response.end(JSON.stringify(keys.length > 1 ? keys.shift() : keys[0]));
  });
  let emulator: TestEmulator;
  let secret: NewSecret;

  const callsWith = (accessKey: AccessKeySource): KmsCalls => {
    const gateway = new AlicloudGateway({ endpoint: emulator.endpoint, parametersIn: 'body', accessKey });
    const pace = new KmsPace({ quotaPercent: 50, maxInFlight: 64 });
    const patience = { tries: 1, tryMs: 10_000, totalMs: 10_000 };
    return new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
  };

  beforeAll(async () => {
    await once(uri.listen(0, '127.0.0.1'), 'listening');
    vi.stubEnv('ALIBABA_CLOUD_CREDENTIALS_URI', `http://127.0.0.1:${(uri.address() as AddressInfo).port}/`);
    vi.stubEnv('ALIBABA_CLOUD_ECS_METADATA_DISABLED', 'true');
    // No profile of whoever runs the tests, nor a key of theirs.
    vi.stubEnv('HOME', tempDir());
    for (const name of ['ACCESS_KEY_ID', 'ACCESS_KEY_SECRET', 'OIDC_TOKEN_FILE', 'PROFILE', 'CREDENTIALS_FILE'])
      vi.stubEnv(`ALIBABA_CLOUD_${name}`, undefined);
    emulator = await startEmulator();
    const { accessKeyId, accessKeySecret, regionId, instanceId, userName } = emulator;
    const data = Secret.of(JSON.stringify({ UserName: userName, Password: randomUUID() }));
    secret = { name: `acs/ecs/${randomUUID()}`, regionId, instanceId, versionId: 'v1', kind: 'password', data };
    const owner = new StaticKey(accessKeyId, Secret.of(accessKeySecret));
    await new KmsAdministrationClient(callsWith(owner)).create(secret);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    uri.close();
  });
  beforeEach(async () => {
    questions = 0;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const known = { Code: 'Success', Expiration, ...(await emulator.admin('GET', 'sts')) };
    keys = [{ ...known, AccessKeyId: 'STS.unknown' }, known];
  });

  it('B6: a key that KMS does not know any more is asked for anew, and the call succeeds', async () => {
    const kms = new KmsClient(callsWith(new DefaultChain()));
    expect(await kms.readValue(secret, 'ACSCurrent')).toMatchObject({ versionId: 'v1' });
    expect(questions).toBe(2);
    await kms.describe(secret);
    expect(questions).toBe(2);
  });

  it('answers twenty who ask at once, before it has a key, with one question', async () => {
    const chain = new DefaultChain();
    const answers = await Promise.all(Array.from({ length: 20 }, () => chain.current()));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['STS.unknown']));
    expect(questions).toBe(1);
  });
});
