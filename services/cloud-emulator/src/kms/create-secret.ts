import { z } from 'zod';
import { ApiError, missingParameter } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { checkPolicy, SecretPolicyText } from '../ram/policy.js';
import type { Sealed } from '../state/key-vault.js';
import type { AccountState } from '../state/state.js';
import { ExtendedConfigText } from './extended-config.js';
import { secretArn } from './find-secret.js';
import { refuseFullInstance, refuseUnknownInstance } from './instance-quotas.js';
import { defaultKey, findKey, refuseExpired } from './find-key.js';
import { isSymmetric, refuseUnusable } from './key.js';
import type { KmsKey } from './key.js';
import type { KmsContext } from './kms-context.js';
import {
  checkInterval,
  Flag,
  NewSecretName,
  refuseLongDescription,
  RotationInterval,
  VersionId,
} from './parameters.js';
import { isSecretData, SecretData } from './secret-data.js';
import { extendedConfigFact, rotationFacts } from './secret-facts.js';
import { valueContext } from './secret.js';
import type { SecretRecord } from './secret.js';
import { checkTags, TagsText } from './tags.js';

const Parameters = z.object({
  SecretName: NewSecretName,
  VersionId,
  SecretData,
  SecretDataType: z.enum(['text', 'binary']).default('text'),
  SecretType: z.enum(['Generic', 'ECS']).default('Generic'),
  ExtendedConfig: ExtendedConfigText.optional(),
  EncryptionKeyId: z.string().max(256).optional(),
  DKMSInstanceId: z.string().max(64).optional(),
  EnableAutomaticRotation: Flag.default(false),
  RotationInterval: RotationInterval.optional(),
  Description: z.string().default(''),
  Tags: TagsText.default([]),
  Policy: SecretPolicyText.default(''),
});
type Parameters = z.output<typeof Parameters>;

/** CreateSecret, reference 2.1: types ECS and Generic. It changes nothing on the instance. */
export function createSecret({ vault, clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'CreateSecret',
    quota: 'secret-write',
    parameters: Parameters,
    run: async (input, { account, rules }) => {
      checkByType(input, rules.checkSecretData);
      refuseLongDescription(input.Description, rules);
      checkTags(input.Tags, rules);
      checkPolicy(input.Policy, rules);
      if (input.EnableAutomaticRotation) checkInterval(requiredInterval(input), rules);
      return account.update((state) => {
        if (input.ExtendedConfig && input.ExtendedConfig.regionId !== state.regionId) {
          throw invalid('ExtendedConfig', 'RegionId has to be the region of the secret');
        }
        if (rules.checkInstanceId) refuseUnknownEcsInstance(state, input);
        refuseKeyForWindows(state, input);
        refuseTakenName(state, input.SecretName);
        const key = keyFor(state, input, rules.requireEncryptionKey);
        refuseExpired(state, key.kmsInstanceId);
        refuseFullInstance(state, key.kmsInstanceId, 'secrets', rules);
        const now = clock.now().toISOString();
        const value = vault.seal(key.keyId, input.SecretData, valueContext(input.SecretName, input.VersionId));
        const secret = newSecret(input, key, value, now);
        return {
          next: { secrets: [...state.secrets, secret] },
          result: {
            Arn: secretArn(state, secret.name),
            SecretName: secret.name,
            VersionId: input.VersionId,
            SecretType: secret.type,
            DKMSInstanceId: secret.kmsInstanceId ?? '',
            ...rotationFacts(secret, rules),
            ...extendedConfigFact(secret, rules),
          },
        };
      });
    },
  });
}

function newSecret(input: Parameters, key: KmsKey, value: Sealed, now: string): SecretRecord {
  return {
    name: input.SecretName,
    type: input.SecretType,
    dataType: input.SecretDataType,
    description: input.Description,
    createdAt: now,
    updatedAt: now,
    ...(key.kmsInstanceId !== undefined && { kmsInstanceId: key.kmsInstanceId }),
    encryptionKeyId: key.keyId,
    tags: input.Tags,
    policy: input.Policy,
    ...(input.SecretType === 'ECS' && input.ExtendedConfig && { ecs: input.ExtendedConfig }),
    rotation: input.EnableAutomaticRotation
      ? { status: 'Enabled', intervalSeconds: requiredInterval(input) }
      : { status: 'Disabled' },
    versions: [{ versionId: input.VersionId, createdAt: now, stages: ['ACSCurrent'], value }],
  };
}

function checkByType(input: Parameters, checkSecretData: boolean): void {
  if (input.SecretType === 'Generic') {
    if (input.SecretName.startsWith('acs/')) throw invalid('SecretName', 'a Generic secret does not start with acs/');
    if (input.EnableAutomaticRotation) throw invalid('EnableAutomaticRotation', 'a Generic secret does not rotate');
    return;
  }
  if (!/^acs\/ecs\/./.test(input.SecretName)) throw invalid('SecretName', 'an ECS secret starts with acs/ecs/');
  if (input.SecretDataType !== 'text') throw invalid('SecretDataType', 'an ECS secret is text');
  if (!input.ExtendedConfig) throw missingParameter('ExtendedConfig');
  const subType = input.ExtendedConfig.secretSubType;
  if (checkSecretData && !isSecretData(input.SecretData, subType)) {
    const members =
      subType === 'Password' ? 'UserName and Password' : 'UserName, PublicKey (OpenSSH) and PrivateKey (PEM)';
    throw invalid('SecretData', `it has to be a JSON object with ${members}`);
  }
}

function refuseUnknownEcsInstance({ instances }: AccountState, { ExtendedConfig: config }: Parameters): void {
  if (config && !instances.some(({ instanceId }) => instanceId === config.instanceId)) {
    throw invalid('ExtendedConfig', 'there is no such instance');
  }
}

/** Reference 3.3: a Windows instance takes passwords alone. */
function refuseKeyForWindows({ instances }: AccountState, { ExtendedConfig: config }: Parameters): void {
  const instance = instances.find(({ instanceId }) => instanceId === config?.instanceId);
  if (instance?.osType === 'windows' && config?.secretSubType === 'SSHKey') {
    throw invalid('ExtendedConfig', 'a Windows instance takes a Password alone');
  }
}

function requiredInterval(input: Parameters): number {
  if (input.RotationInterval === undefined) throw missingParameter('RotationInterval');
  return input.RotationInterval;
}

function refuseTakenName(state: AccountState, name: string): void {
  const taken = state.secrets.find((one) => one.name === name);
  if (!taken) return;
  throw taken.plannedDeleteAt === undefined
    ? new ApiError('Rejected.ResourceExist', 'A secret of this name exists.')
    : new ApiError('Rejected.ResourceInDeleteWindow', 'A secret of this name is scheduled for deletion.');
}

/** A symmetric key of the KMS instance that the secret is to live in. */
function keyFor(state: AccountState, input: Parameters, requireEncryptionKey: boolean): KmsKey {
  const instanceId = input.DKMSInstanceId;
  if (instanceId !== undefined) refuseUnknownInstance(state, instanceId);
  if (input.EncryptionKeyId === undefined) {
    const key = defaultKey(state, instanceId);
    if (!key || requireEncryptionKey) throw missingParameter('EncryptionKeyId');
    return key;
  }
  const key = findKey(state, input.EncryptionKeyId, 'unknown-encryption-key');
  if (!isSymmetric(key)) throw invalid('EncryptionKeyId', 'it has to be a symmetric key');
  if (instanceId !== undefined && key.kmsInstanceId !== instanceId) {
    throw invalid('EncryptionKeyId', 'it has to be a key of the same KMS instance');
  }
  refuseUnusable(key);
  return key;
}

function invalid(name: string, rule: string): ApiError {
  return new ApiError('InvalidParameter', `The specified parameter ${name} is not valid: ${rule}.`);
}
