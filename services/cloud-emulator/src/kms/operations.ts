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
import { refuseExpired } from './find-key.js';
import { secretArn } from './find-secret.js';
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
  const operations = [
    batchGetSecretValue(readValue, store, permission),
    ...genericSecretOperations(context),
    getRandomPassword,
    ...keyStateOperations(context),
    ...aliasOperations,
    getKmsInstanceQuotaInfos,
    listTagResources,
    listResourceTags,
    describeRegions,
    createSecret(context),
    describeSecret,
    listSecrets,
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
  return operations.map(refusingExpired);
}

/** For the rule that an expired KMS instance refuses everything. */
function refusingExpired(operation: Operation): Operation {
  return {
    ...operation,
    run: async (call) => {
      const { current } = call.account;
      const name = call.parameters.get('SecretName') ?? '';
      const secret = current.secrets.find((one) => one.name === name || secretArn(current, one.name) === name);
      if (call.rules.expiredRefuses === 'everything') refuseExpired(current, secret?.kmsInstanceId);
      return operation.run(call);
    },
  };
}

function unsupported(action: string): Operation {
  return {
    product: 'kms',
    action,
    quota: 'change',
    run: () =>
      Promise.reject(
        new ApiError('UnsupportedOperation', `The emulator does not have ${action}.`, {
          situation: 'operation-not-built',
        }),
      ),
  };
}
