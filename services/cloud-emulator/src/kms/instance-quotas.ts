import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { AccountState } from '../state/state.js';
import type { KmsContext } from './kms-context.js';

type State = Readonly<AccountState>;

/** GetKmsInstanceQuotaInfos: what a KMS instance was bought with, and what of it is used. */
export function getKmsInstanceQuotaInfos({ rules }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'GetKmsInstanceQuotaInfos',
    quota: 'list',
    parameters: z.object({ KmsInstanceId: z.string().max(64) }),
    run: (input, { account }) => {
      const state = account.current;
      refuseUnknownInstance(state, input.KmsInstanceId);
      const keys = state.keys.filter(({ kmsInstanceId }) => kmsInstanceId === input.KmsInstanceId);
      return {
        KmsInstanceQuotaInfos: [
          { ResourceType: 'key', ResourceQuota: rules.current.keysPerInstance, UsedQuantity: keys.length },
          {
            ResourceType: 'secret',
            ResourceQuota: rules.current.secretsPerInstance,
            UsedQuantity: secretsIn(state, input.KmsInstanceId),
          },
        ],
      };
    },
  });
}

/** @throws ApiError `Rejected.LimitExceeded` when the KMS instance has no room for another secret */
export function refuseFullInstance(state: State, kmsInstanceId: string | undefined, most: number): void {
  if (kmsInstanceId !== undefined && secretsIn(state, kmsInstanceId) >= most) {
    throw new ApiError('Rejected.LimitExceeded', `The KMS instance has a quota of ${most} secrets.`);
  }
}

/** @throws ApiError `Forbidden.ResourceNotFound` */
export function refuseUnknownInstance(state: State, kmsInstanceId: string): void {
  if (!state.kmsInstances.some((one) => one.kmsInstanceId === kmsInstanceId)) {
    throw new ApiError('Forbidden.ResourceNotFound', 'The KMS instance is not found.');
  }
}

/** Those in their deletion window count. */
function secretsIn({ secrets }: State, instance: string): number {
  return secrets.filter(({ kmsInstanceId }) => kmsInstanceId === instance).length;
}
