import { z } from 'zod';
import { missingParameter } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { omit } from '../omit.js';
import { findLiveSecret, withSecret } from './find-secret.js';
import type { KmsContext } from './kms-context.js';
import { checkInterval, Flag, RotationInterval, SecretName } from './parameters.js';
import { refuseGeneric, refuseWhileRotating } from './rotate-secret.js';
import type { SecretRecord } from './secret.js';

/**
 * UpdateSecretRotationPolicy, reference 2.9. The first automatic rotation is due an interval after the last one; when
 * that is past, the schedule does it at once.
 */
export function updateSecretRotationPolicy({ clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'UpdateSecretRotationPolicy',
    quota: 'change',
    parameters: z.object({
      SecretName,
      EnableAutomaticRotation: Flag,
      RotationInterval: RotationInterval.optional(),
    }),
    run: (input, { account, rules }) => {
      const { SecretName: nameOrArn, EnableAutomaticRotation: enable, RotationInterval: intervalSeconds } = input;
      if (enable && intervalSeconds === undefined) throw missingParameter('RotationInterval');
      if (enable && intervalSeconds !== undefined) checkInterval(intervalSeconds, rules);
      return account.update((state) => {
        const secret = findLiveSecret(state, nameOrArn);
        refuseGeneric(secret);
        refuseWhileRotating(secret);
        const rotation: SecretRecord['rotation'] =
          enable && intervalSeconds !== undefined
            ? { ...secret.rotation, status: 'Enabled', intervalSeconds }
            : { ...omit(secret.rotation, 'intervalSeconds'), status: 'Disabled' };
        const updated = { ...secret, rotation, updatedAt: clock.now().toISOString() };
        return { next: withSecret(state, updated), result: { SecretName: secret.name } };
      });
    },
  });
}
