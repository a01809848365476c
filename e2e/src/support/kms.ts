import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type KmsSdk from '@alicloud/kms20160120';
import type TeaUtil from '@alicloud/tea-util';
import { emulator, local } from './sallyport.js';

// CommonJS packages, whose default export Node and Vitest show differently when imported.
const require = createRequire(import.meta.url);
const sdk = require('@alicloud/kms20160120') as typeof KmsSdk;
const tea = require('@alicloud/tea-util') as typeof TeaUtil;

/** Calls KMS as an administrator of the cloud would, past Sallyport. */
async function call(action: string, parameters: Record<string, string>): Promise<Record<string, unknown>> {
  const { endpoint, regionId, accessKeyId, accessKeySecret } = local.kms;
  const client = new sdk.default({
    ...{ endpoint, regionId, accessKeyId, accessKeySecret, protocol: 'http', type: 'access_key' },
  } as never);
  const runtime = new tea.RuntimeOptions({ connectTimeout: 30_000, readTimeout: 30_000 });
  return client.doRequest(action, 'HTTP', 'POST', '2016-01-20', 'AK', {}, parameters, runtime);
}

/** The current value of a secret, as KMS has it: JSON text, unless somebody typed something else. */
export async function secretData(name: string): Promise<string> {
  return String((await call('GetSecretValue', { SecretName: name }))['SecretData']);
}

/** Puts a value in the place of a secret's that KMS would not take from a careful person. */
export async function replaceWithMalformed(name: string, instanceId: string, value: string): Promise<void> {
  await call('DeleteSecret', { SecretName: name, ForceDeleteWithoutRecovery: 'true' });
  const state = await emulator<{ kmsInstanceId: string; encryptionKeyId: string }>('GET', 'state');
  await emulator('PUT', 'rules', { checkSecretData: false });
  try {
    await call('CreateSecret', {
      SecretName: name,
      VersionId: randomUUID(),
      SecretType: 'ECS',
      SecretData: value,
      ExtendedConfig: JSON.stringify({
        SecretSubType: 'Password',
        RegionId: local.kms.regionId,
        InstanceId: instanceId,
        CustomData: {},
      }),
      EncryptionKeyId: state.encryptionKeyId,
      DKMSInstanceId: state.kmsInstanceId,
    });
  } finally {
    await emulator('PUT', 'rules', { checkSecretData: true });
  }
}

/** A key as somebody makes it who may do everything in the cloud: symmetric unless told otherwise. */
export async function newKey(parameters: Record<string, string>): Promise<string> {
  const { KeyMetadata: key } = await call('CreateKey', parameters);
  return (key as { KeyId: string }).KeyId;
}
