import { loadConfig, secretText } from '@sallyport/config';
import { it } from 'vitest';
import { z } from 'zod';
import { sdkSuite } from './sdk.suite.js';

/** What the emulator has to do for the SDKs, asked of the real cloud: see docs/alibaba-cloud.md, section 9. */
const switchedOn = loadConfig(z.object({ SALLYPORT_CLOUD_TESTS: z.literal('1').optional() })).SALLYPORT_CLOUD_TESTS;
const Target = z.object({
  SALLYPORT_CLOUD_REGION_ID: z.string().min(1),
  SALLYPORT_CLOUD_INSTANCE_ID: z.string().min(1),
  SALLYPORT_CLOUD_USER_NAME: z.string().min(1),
  SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: z.string().optional(),
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().min(1),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText(),
});
const plan =
  'creates six secrets acs/ecs/<UUID> for the account and the instance that are named, rotates none, and deletes them for ever';

if (switchedOn === undefined) {
  it.skip(`the real cloud: with SALLYPORT_CLOUD_TESTS=1 this ${plan}`, () => undefined);
} else {
  const target = loadConfig(Target);
  const { SALLYPORT_CLOUD_REGION_ID: regionId, SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: encryptionKeyId } = target;
  process.stdout.write(`against the KMS and ECS of ${regionId}: ${plan}\n`);
  sdkSuite('the real SDKs, on the real cloud', () =>
    Promise.resolve({
      config: {
        accessKeyId: target.ALIBABA_CLOUD_ACCESS_KEY_ID,
        accessKeySecret: target.ALIBABA_CLOUD_ACCESS_KEY_SECRET.expose(),
        endpoint: `kms.${regionId}.aliyuncs.com`,
        protocol: 'https',
        regionId,
      },
      ecsEndpoint: `ecs.${regionId}.aliyuncs.com`,
      instanceId: target.SALLYPORT_CLOUD_INSTANCE_ID,
      userName: target.SALLYPORT_CLOUD_USER_NAME,
      ...(encryptionKeyId !== undefined && { encryptionKeyId }),
    }),
  );
}
