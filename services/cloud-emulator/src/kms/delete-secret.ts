import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { omit } from '../omit.js';
import { findLiveSecret, findSecret, withSecret } from './find-secret.js';
import type { KmsContext } from './kms-context.js';
import { Flag, SecretName, wholeNumber } from './parameters.js';

const dayMs = 86_400_000;

/** DeleteSecret, reference 2.11: into a window of 7 to 30 days, or at once. The instance's credential stays as it is. */
export function deleteSecret({ clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'DeleteSecret',
    quota: 'secret-write',
    parameters: z.object({
      SecretName,
      ForceDeleteWithoutRecovery: Flag.default(false),
      RecoveryWindowInDays: wholeNumber(7, 30).optional(),
    }),
    run: (input, { account, rules }) => {
      const { SecretName: nameOrArn, ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days } = input;
      if (force && days !== undefined) {
        throw new ApiError('InvalidParameter', 'RecoveryWindowInDays does not go with ForceDeleteWithoutRecovery.');
      }
      return account.update<object>((state) => {
        const find = force && rules.deleteAtOnceInWindow ? findSecret : findLiveSecret;
        const secret = find(state, nameOrArn);
        if (force) {
          const secrets = state.secrets.filter((one) => one !== secret);
          const now = rules.timeOfForcedDeletion ? { PlannedDeleteTime: apiTime(clock.now()) } : {};
          return { next: { secrets }, result: { SecretName: secret.name, ...now } };
        }
        const plannedDeleteAt = new Date(clock.now().getTime() + (days ?? 30) * dayMs);
        return {
          next: withSecret(state, { ...secret, plannedDeleteAt: plannedDeleteAt.toISOString() }),
          result: { SecretName: secret.name, PlannedDeleteTime: apiTime(plannedDeleteAt) },
        };
      });
    },
  });
}

/** RestoreSecret, reference 2.11: takes a secret out of its deletion window. */
export const restoreSecret: Operation = defineOperation({
  product: 'kms',
  action: 'RestoreSecret',
  quota: 'secret-write',
  parameters: z.object({ SecretName }),
  run: (input, { account }) =>
    account.update((state) => {
      const secret = findSecret(state, input.SecretName);
      if (secret.plannedDeleteAt === undefined) {
        throw new ApiError('Rejected.ResourceInUse', 'The secret is not scheduled for deletion.');
      }
      return { next: withSecret(state, omit(secret, 'plannedDeleteAt')), result: { SecretName: secret.name } };
    }),
});
