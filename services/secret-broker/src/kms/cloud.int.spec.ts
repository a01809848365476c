import { randomUUID } from 'node:crypto';
import { loadConfig, secretText } from '@sallyport/config';
import { InstanceId, RegionId } from '@sallyport/contracts';
import type { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { z } from 'zod';
import { SystemClock } from '../clock.js';
import type { AccessKeySource } from './credentials.alicloud.js';
import { DefaultChain, StaticKey } from './credentials.alicloud.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { kmsSuite } from './kms.suite.js';
import { TidyAdministration } from './tidy-administration.suite.js';

/** A rotation in the cloud may take two minutes. */
const ROTATION_MS = 150_000;
/** What the names of all secrets begin with that tests make in the real cloud, those of the emulator's suite too. */
const PREFIX = 'acs/ecs/sallyport-test-';

/** What the emulator has to do, asked of the real cloud: see docs/alibaba-cloud.md, section 9. */
const mode = loadConfig(z.object({ SALLYPORT_CLOUD_TESTS: z.enum(['1', 'remove']).optional() })).SALLYPORT_CLOUD_TESTS;
const Cloud = z.object({
  SALLYPORT_CLOUD_REGION_ID: RegionId,
  KMS_ENDPOINT: z.string().default('https://kms.{region}.aliyuncs.com'),
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().optional(),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText().optional(),
  KMS_ADMIN_ACCESS_KEY_ID: z.string().optional(),
  KMS_ADMIN_ACCESS_KEY_SECRET: secretText().optional(),
});
const Target = z.object({
  /** An instance whose account of this name may get another password. */
  SALLYPORT_CLOUD_INSTANCE_ID: InstanceId,
  SALLYPORT_CLOUD_USER_NAME: z.string(),
  SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: z.string().optional(),
  SALLYPORT_CLOUD_KMS_INSTANCE_ID: z.string().optional(),
});

function openCloud() {
  const cloud = loadConfig(Cloud);
  const key = (id: string | undefined, secret: Secret<string> | undefined): AccessKeySource | undefined =>
    id !== undefined && secret ? new StaticKey(id, secret) : undefined;
  const reader = key(cloud.ALIBABA_CLOUD_ACCESS_KEY_ID, cloud.ALIBABA_CLOUD_ACCESS_KEY_SECRET) ?? new DefaultChain();
  const administrator = key(cloud.KMS_ADMIN_ACCESS_KEY_ID, cloud.KMS_ADMIN_ACCESS_KEY_SECRET) ?? reader;
  const pace = new KmsPace({ quotaPercent: 50, maxInFlight: 8 });
  const patience = { tries: 5, tryMs: 10_000, totalMs: 30_000 };
  const callsAs = (accessKey: AccessKeySource): KmsCalls => {
    const gateway = new AlicloudGateway({ endpoint: cloud.KMS_ENDPOINT, parametersIn: 'body', accessKey });
    return new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
  };
  const { SALLYPORT_CLOUD_REGION_ID: regionId, KMS_ENDPOINT: endpoint } = cloud;
  return { regionId, endpoint, kms: new KmsClient(callsAs(reader)), administratorCalls: callsAs(administrator) };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Names of what tests have made here and not removed. */
async function leftovers({ kms, regionId }: ReturnType<typeof openCloud>): Promise<string[]> {
  const names = new Set<string>();
  for (let number = 1, total = 1; (number - 1) * 100 < total; number++) {
    const { items, totalCount } = await kms.list(regionId, { number, size: 100 });
    for (const { name } of items) if (name.startsWith(PREFIX)) names.add(name);
    total = totalCount;
  }
  return [...names].sort();
}

if (mode === undefined) {
  it.skip('the real cloud: with SALLYPORT_CLOUD_TESTS=1 this makes 15 secrets for an account that is named, rotates two of them, and deletes them for ever', () =>
    undefined);
} else if (mode === 'remove') {
  it('removes what tests that were killed have left in the real cloud', { timeout: ROTATION_MS }, async () => {
    const cloud = openCloud();
    const names = await leftovers(cloud);
    say(`removes from KMS of ${cloud.regionId}: ${names.join(', ') || 'nothing, nothing is left'}`);
    const addresses = names.map((name) => ({ regionId: cloud.regionId, name }));
    await new TidyAdministration(cloud.administratorCalls).removeAll(addresses);
  });
} else {
  const cloud = openCloud();
  const target = loadConfig(Target);
  const { SALLYPORT_CLOUD_INSTANCE_ID: instanceId, SALLYPORT_CLOUD_USER_NAME: userName } = target;
  const namePrefix = `${PREFIX}${randomUUID().slice(0, 8)}-`;
  const administration = new TidyAdministration(cloud.administratorCalls, {
    ...(target.SALLYPORT_CLOUD_ENCRYPTION_KEY_ID && { encryptionKeyId: target.SALLYPORT_CLOUD_ENCRYPTION_KEY_ID }),
    ...(target.SALLYPORT_CLOUD_KMS_INSTANCE_ID && { kmsInstanceId: target.SALLYPORT_CLOUD_KMS_INSTANCE_ID }),
  });
  const { regionId, kms } = cloud;

  describe('against the real cloud', () => {
    beforeAll(async () => {
      say(
        `against ${cloud.endpoint}, ${regionId}: makes 15 secrets ${namePrefix}… for ${userName} on ${instanceId}, ` +
          'rotates two of them, which changes the password of that account, and deletes them all for ever. ' +
          'Should it be killed, SALLYPORT_CLOUD_TESTS=remove deletes what is left.',
      );
      const left = await leftovers(cloud);
      if (left.length > 0) say(`left by an earlier run, or of one that goes on elsewhere: ${left.join(', ')}`);
    });
    afterAll(async () => {
      await administration.removeAll();
      say(`deleted all ${administration.made.length} secrets that it may have made`);
    }, ROTATION_MS);

    kmsSuite(
      'KMS',
      () => Promise.resolve({ kms, administration, regionId, instanceId, userName, namePrefix }),
      ROTATION_MS,
    );
  });
}
