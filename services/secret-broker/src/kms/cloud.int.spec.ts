import { loadConfig, secretText } from '@sallyport/config';
import { InstanceId, RegionId } from '@sallyport/contracts';
import { logger } from '@sallyport/telemetry';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SystemClock } from '../clock.js';
import { DefaultChain, StaticKey } from './credentials.alicloud.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { kmsSuite } from './kms.suite.js';
import { TidyAdministration } from './tidy-administration.suite.js';

/** A rotation in the cloud may take two minutes. */
const ROTATION_MS = 150_000;

/** What the emulator has to do, asked of the real cloud: see docs/alibaba-cloud.md, section 9. */
const Target = z.object({
  SALLYPORT_CLOUD_TESTS: z.literal('1').optional(),
  SALLYPORT_CLOUD_REGION_ID: RegionId.optional(),
  /** An instance whose account of this name may get another password. */
  SALLYPORT_CLOUD_INSTANCE_ID: InstanceId.optional(),
  SALLYPORT_CLOUD_USER_NAME: z.string().optional(),
  SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: z.string().optional(),
  KMS_ENDPOINT: z.string().default('https://kms.{region}.aliyuncs.com'),
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().optional(),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText().optional(),
});
const target = loadConfig(Target);
const { SALLYPORT_CLOUD_REGION_ID: regionId = '', SALLYPORT_CLOUD_INSTANCE_ID: instanceId = '' } = target;
const userName = target.SALLYPORT_CLOUD_USER_NAME ?? '';

const plan = `creates some 20 secrets acs/ecs/<UUID> for ${userName || 'SALLYPORT_CLOUD_USER_NAME'} on ${instanceId || 'SALLYPORT_CLOUD_INSTANCE_ID'}, rotates two of them, and deletes them for ever`;

if (target.SALLYPORT_CLOUD_TESTS === undefined) {
  it.skip(`the real cloud: with SALLYPORT_CLOUD_TESTS=1 this ${plan}`, () => undefined);
} else {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = target;
  const accessKey = id !== undefined && secret ? new StaticKey(id, secret) : new DefaultChain();
  const gateway = new AlicloudGateway({ endpoint: target.KMS_ENDPOINT, parametersIn: 'body', accessKey });
  const pace = new KmsPace({ quotaPercent: 50, maxInFlight: 8 });
  const patience = { tries: 5, tryMs: 10_000, totalMs: 30_000 };
  const calls = new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
  const administration = new TidyAdministration(calls, target.SALLYPORT_CLOUD_ENCRYPTION_KEY_ID);
  process.stdout.write(`against ${target.KMS_ENDPOINT}, ${regionId}: ${plan}\n`);
  afterAll(() => administration.removeAll(), ROTATION_MS);

  describe('the target of the tests', () => {
    it('is named whole', () => {
      expect([regionId, instanceId, userName]).not.toContain('');
    });
  });
  kmsSuite(
    'the real cloud',
    () => Promise.resolve({ kms: new KmsClient(calls), administration, regionId, instanceId, userName }),
    ROTATION_MS,
  );
}
