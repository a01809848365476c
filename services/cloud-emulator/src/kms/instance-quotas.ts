import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import type { AccountState } from '../state/state.js';

type State = Readonly<AccountState>;

/** GetKmsInstanceQuotaInfos: what a KMS instance was bought with, and what of it is used. */
export const getKmsInstanceQuotaInfos: Operation = defineOperation({
  product: 'kms',
  action: 'GetKmsInstanceQuotaInfos',
  quota: 'list',
  parameters: z.object({ KmsInstanceId: z.string().max(64) }),
  run: (input, { account, rules }) => {
    const state = account.current;
    refuseUnknownInstance(state, input.KmsInstanceId);
    return {
      KmsInstanceQuotaInfos: [
        {
          ResourceType: 'key',
          ResourceQuota: rules.keysPerInstance,
          UsedQuantity: heldBy(input.KmsInstanceId, state.keys),
        },
        {
          ResourceType: 'secret',
          ResourceQuota: rules.secretsPerInstance,
          UsedQuantity: heldBy(input.KmsInstanceId, state.secrets),
        },
      ],
    };
  },
});

/** @throws ApiError `Rejected.LimitExceeded` when the KMS instance has no room for another one */
export function refuseFullInstance(
  state: State,
  kmsInstanceId: string | undefined,
  kind: 'secrets' | 'keys',
  { secretsPerInstance, keysPerInstance }: Rules,
): void {
  const most = kind === 'secrets' ? secretsPerInstance : keysPerInstance;
  if (kmsInstanceId !== undefined && heldBy(kmsInstanceId, state[kind]) >= most) {
    throw new ApiError('Rejected.LimitExceeded', `The KMS instance has a quota of ${most} ${kind}.`);
  }
}

/** @throws ApiError `Forbidden.ResourceNotFound` */
export function refuseUnknownInstance(state: State, kmsInstanceId: string): void {
  if (!state.kmsInstances.some((one) => one.kmsInstanceId === kmsInstanceId)) {
    throw new ApiError('Forbidden.ResourceNotFound', 'The KMS instance is not found.');
  }
}

/** Those in their deletion window count. */
function heldBy(instance: string, resources: readonly { readonly kmsInstanceId?: string | undefined }[]): number {
  return resources.filter(({ kmsInstanceId }) => kmsInstanceId === instance).length;
}
