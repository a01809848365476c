import { randomUUID } from 'node:crypto';
import { loadConfig, secretText } from '@sallyport/config';
import { it } from 'vitest';
import { z } from 'zod';
import { sdkSuite } from './sdk.suite.js';

/** What the emulator has to do for the SDKs, asked of the real cloud: see docs/alibaba-cloud.md, section 9. */
const mode = loadConfig(z.object({ SALLYPORT_CLOUD_TESTS: z.enum(['1', 'remove']).optional() })).SALLYPORT_CLOUD_TESTS;
/** An origin; plain http for loopback alone, where an emulator may take the place of the cloud. */
const Endpoint = z.url().transform((text, context) => {
  const { protocol, host, hostname } = new URL(text);
  const isPlain = protocol === 'http:' && hostname === '127.0.0.1';
  if (protocol !== 'https:' && !isPlain) context.addIssue('must be https');
  return { endpoint: host, protocol: isPlain ? 'http' : 'https' };
});
const Target = z.object({
  SALLYPORT_CLOUD_REGION_ID: z.string().min(1),
  SALLYPORT_CLOUD_INSTANCE_ID: z.string().min(1),
  SALLYPORT_CLOUD_USER_NAME: z.string().min(1),
  SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: z.string().optional(),
  SALLYPORT_CLOUD_KMS_INSTANCE_ID: z.string().optional(),
  KMS_ENDPOINT: z.string().default('https://kms.{region}.aliyuncs.com'),
  ECS_ENDPOINT: Endpoint.optional(),
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().min(1),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText(),
});

if (mode === undefined) {
  it.skip('the real cloud: with SALLYPORT_CLOUD_TESTS=1 this makes 6 secrets for an account that is named, rotates none, and deletes them for ever', () =>
    undefined);
} else if (mode === 'remove') {
  it.skip('what is left in the real cloud is removed by src/kms/cloud.int.spec.ts of the secret-broker', () =>
    undefined);
} else {
  const target = loadConfig(Target);
  const { SALLYPORT_CLOUD_REGION_ID: regionId, SALLYPORT_CLOUD_INSTANCE_ID: instanceId } = target;
  const { SALLYPORT_CLOUD_ENCRYPTION_KEY_ID: encryptionKeyId, SALLYPORT_CLOUD_KMS_INSTANCE_ID: kmsInstanceId } = target;
  const kms = Endpoint.parse(target.KMS_ENDPOINT.replaceAll('{region}', regionId));
  const namePrefix = `acs/ecs/sallyport-test-${randomUUID().slice(0, 8)}-`;
  process.stdout.write(
    `against ${kms.endpoint} and ECS of ${regionId}: makes 6 secrets ${namePrefix}… for ${target.SALLYPORT_CLOUD_USER_NAME} on ` +
      `${instanceId}, rotates none, and deletes them all for ever. Should it be killed, SALLYPORT_CLOUD_TESTS=remove with ` +
      'src/kms/cloud.int.spec.ts of the secret-broker deletes what is left.\n',
  );
  sdkSuite('the real SDKs, on the real cloud', () =>
    Promise.resolve({
      config: {
        accessKeyId: target.ALIBABA_CLOUD_ACCESS_KEY_ID,
        accessKeySecret: target.ALIBABA_CLOUD_ACCESS_KEY_SECRET.expose(),
        ...kms,
        regionId,
      },
      ...(target.ECS_ENDPOINT && { ecsEndpoint: target.ECS_ENDPOINT.endpoint }),
      instanceId,
      userName: target.SALLYPORT_CLOUD_USER_NAME,
      namePrefix,
      ...(encryptionKeyId !== undefined && { encryptionKeyId }),
      ...(kmsInstanceId !== undefined && { kmsInstanceId }),
    }),
  );
}
