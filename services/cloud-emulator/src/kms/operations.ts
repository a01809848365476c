import { ApiError } from '../gateway/api-error.js';
import type { Operation } from '../gateway/operation.js';
import { createSecret } from './create-secret.js';
import { deleteSecret, restoreSecret } from './delete-secret.js';
import { describeSecret } from './describe-secret.js';
import { getSecretValue } from './get-secret-value.js';
import { createKey, describeKey, listKeys, listKmsInstances } from './key-operations.js';
import type { KmsContext } from './kms-context.js';
import { listSecretVersionIds } from './list-secret-version-ids.js';
import { listSecrets } from './list-secrets.js';
import { rotateSecret } from './rotate-secret.js';
import { getSecretPolicy, setSecretPolicy } from './secret-policy.js';
import { tagOperations } from './tag-resource.js';
import { updateSecretRotationPolicy } from './update-secret-rotation-policy.js';
import { updateSecret } from './update-secret.js';

/** Operations that KMS has and the emulator has not. */
const notBuilt = [
  ...['BatchGetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'GetRandomPassword', 'ListTagResources'],
  ...['ListResourceTags', 'DescribeRegions', 'CreateAlias', 'ListAliases', 'DeleteAlias', 'GetKmsInstanceQuotaInfos'],
  ...['EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'Encrypt', 'Decrypt', 'GenerateDataKey'],
];

/** The operations of KMS that the emulator answers. */
export function kmsOperations(context: KmsContext): Operation[] {
  return [
    createSecret(context),
    describeSecret(context),
    listSecrets(context),
    getSecretValue(context),
    listSecretVersionIds(context),
    updateSecret(context),
    rotateSecret(context),
    updateSecretRotationPolicy(context),
    deleteSecret(context),
    restoreSecret(context),
    setSecretPolicy(context),
    getSecretPolicy(context),
    ...tagOperations(context),
    createKey(context),
    describeKey(context),
    listKeys(context),
    listKmsInstances(context),
    ...notBuilt.map(unsupported),
  ];
}

function unsupported(action: string): Operation {
  return {
    product: 'kms',
    action,
    quota: 'change',
    run: () => Promise.reject(new ApiError('UnsupportedOperation', `The emulator does not have ${action}.`)),
  };
}
