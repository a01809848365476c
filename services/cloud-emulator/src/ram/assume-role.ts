import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import type { KeyRing } from '../gateway/key-ring.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { jsonText, wholeNumber } from '../kms/parameters.js';
import type { StateStore } from '../state/state-store.js';
import { IdentityPolicy } from './policy.js';
import { principalArn } from './principal.js';

/** AssumeRole of STS (2015-04-01): temporary credentials of a role, for a principal that the role trusts. */
export function assumeRole(store: StateStore, keyRing: KeyRing, clock: Clock): Operation {
  return defineOperation({
    product: 'sts',
    action: 'AssumeRole',
    quota: 'sts',
    parameters: z.object({
      RoleArn: z.string().regex(/^acs:ram::\d{16}:role\/[A-Za-z0-9._-]{1,64}$/),
      RoleSessionName: z.string().regex(/^[A-Za-z0-9.@_-]{2,64}$/),
      DurationSeconds: wholeNumber(900, 43_200).default(3_600),
      Policy: z.string().max(2_048, 'at most 2,048 characters').pipe(jsonText(IdentityPolicy)).optional(),
    }),
    run: (input, { caller: { principal } }) => {
      const role = store.current.ram.roles.find((one) => principalArn({ ...one, kind: 'role' }) === input.RoleArn);
      if (!role) {
        throw new ApiError('EntityNotExist.Role', 'The role does not exist.', { situation: 'unknown-role' });
      }
      const trusted = [principalArn(principal), `acs:ram::${principal.accountId}:root`];
      if (!role.trusted.some((one) => trusted.includes(one))) {
        throw new ApiError(
          'NoPermission',
          'You are not authorized to do this action. You should be authorized by RAM.',
          { situation: 'assume-role-denied' },
        );
      }
      const expiresAt = new Date(clock.now().getTime() + input.DurationSeconds * 1_000);
      const assumed = {
        principal: { accountId: role.accountId, kind: 'role', name: role.name } as const,
        ...(input.Policy && { sessionPolicy: input.Policy }),
      };
      const key = keyRing.issue(expiresAt, assumed);
      return {
        Credentials: {
          AccessKeyId: key.accessKeyId,
          AccessKeySecret: key.accessKeySecret,
          SecurityToken: key.session.securityToken,
          Expiration: apiTime(expiresAt),
        },
        AssumedRoleUser: {
          Arn: `${input.RoleArn}/${input.RoleSessionName}`,
          AssumedRoleId: `${randomBytes(8).toString('hex')}:${input.RoleSessionName}`,
        },
      };
    },
  });
}
