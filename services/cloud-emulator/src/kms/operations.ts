import { ApiError } from '../gateway/api-error.js';
import type { Operation } from '../gateway/operation.js';
import type { Permission } from '../ram/permission.js';
import type { StateStore } from '../state/state-store.js';
import { aliasOperations } from './aliases.js';
import { batchGetSecretValue } from './batch-get-secret-value.js';
import { createSecret } from './create-secret.js';
import { deleteSecret, restoreSecret } from './delete-secret.js';
import { describeRegions } from './describe-regions.js';
import { describeSecret } from './describe-secret.js';
import { genericSecretOperations } from './generic-secret.js';
import { getSecretValue } from './get-secret-value.js';
import { getKmsInstanceQuotaInfos } from './instance-quotas.js';
import { keyStateOperations } from './key-state.js';
import { createKey, describeKey, listKeys, listKmsInstances } from './key-operations.js';
import type { KmsContext } from './kms-context.js';
import { listSecretVersionIds } from './list-secret-version-ids.js';
import { listResourceTags, listTagResources } from './list-tag-resources.js';
import { getRandomPassword } from './random-password.js';
import { listSecrets } from './list-secrets.js';
import { rotateSecret } from './rotate-secret.js';
import { getSecretPolicy, setSecretPolicy } from './secret-policy.js';
import { tagOperations } from './tag-resource.js';
import { updateSecretRotationPolicy } from './update-secret-rotation-policy.js';
import { updateSecret } from './update-secret.js';

/** Operations that KMS has and the emulator has not: nothing of Sallyport uses them. */
const notBuilt = ['Encrypt', 'Decrypt', 'GenerateDataKey'];

/** The operations of KMS that the emulator answers. */
export function kmsOperations(context: KmsContext, store: StateStore, permission: Permission): Operation[] {
  const readValue = getSecretValue(context);
  return [
    batchGetSecretValue(readValue, store, permission),
    ...genericSecretOperations(context),
    getRandomPassword,
    ...keyStateOperations(context),
    ...aliasOperations,
    getKmsInstanceQuotaInfos(context),
    listTagResources,
    listResourceTags,
    describeRegions,
    createSecret(context),
    describeSecret,
    listSecrets(context),
    readValue,
    listSecretVersionIds,
    updateSecret(context),
    rotateSecret(context),
    updateSecretRotationPolicy(context),
    deleteSecret(context),
    restoreSecret,
    setSecretPolicy,
    getSecretPolicy,
    ...tagOperations,
    createKey(context),
    describeKey,
    listKeys,
    listKmsInstances,
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
