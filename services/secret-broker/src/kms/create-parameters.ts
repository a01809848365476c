import type { NewSecret } from './kms-administration.js';
import type { Parameters } from './kms-calls.js';

/** CreateSecret of an ECS secret (reference, section 2.1). What is not given is left out: an empty text would be taken for a value. */
export function createParameters(secret: NewSecret): Parameters {
  const interval = secret.rotationIntervalSeconds;
  const optional = {
    EncryptionKeyId: secret.encryptionKeyId,
    DKMSInstanceId: secret.kmsInstanceId,
    Description: secret.description,
    Policy: secret.policy,
    Tags: secret.tags && JSON.stringify(secret.tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }))),
    RotationInterval: interval === undefined ? undefined : `${interval}s`,
  };
  return {
    SecretName: secret.name,
    VersionId: secret.versionId,
    SecretData: secret.data.expose(),
    SecretDataType: 'text',
    SecretType: 'ECS',
    ExtendedConfig: JSON.stringify({
      SecretSubType: secret.kind === 'password' ? 'Password' : 'SSHKey',
      RegionId: secret.regionId,
      InstanceId: secret.instanceId,
      CustomData: secret.customData ?? {},
    }),
    EnableAutomaticRotation: String(interval !== undefined),
    ...Object.fromEntries(
      Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}
