import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, AuthorizationId, GroupId, HostId, UserId } from '../ids.js';
import { ProtocolPolicy, ProtocolPolicyChange, SessionLimits, SessionLimitsChange } from '../policy.js';
import { Authorization } from '../resources.js';
import { Actor, Instant, PageRequest, pageOf } from '../values.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;

const parties = {
  userId: UserId.optional(),
  userGroupId: GroupId.optional(),
  hostId: HostId.optional(),
  hostGroupId: GroupId.optional(),
};

/** Those of a user or a host are with what they have by way of their groups. */
export const ListAuthorizationsV1 = defineRequest({
  ...admin,
  subject: 'asset.authorization.list.v1',
  request: PageRequest.extend({
    actor: Actor,
    ...parties,
  }),
  reply: pageOf(Authorization),
  errors: [],
});

/** One of `userId` and `userGroupId`, and one of `hostId` and `hostGroupId`. The accounts are of the host, or of hosts in the group. */
export const CreateAuthorizationV1 = defineRequest({
  ...admin,
  subject: 'asset.authorization.create.v1',
  request: z.strictObject({
    actor: Actor,
    ...parties,
    accountIds: z.array(AccountId).min(1).max(100).optional(),
    validFrom: Instant.optional(),
    validUntil: Instant.optional(),
    policy: ProtocolPolicy.optional(),
    limits: SessionLimits.optional(),
  }),
  reply: Authorization,
  errors: [
    'user.not-found',
    'user-group.not-found',
    'host.not-found',
    'host-group.not-found',
    'account.not-found',
    'request.invalid',
    'audit.unavailable',
  ],
});

/** What is left out stays as it is, each switch of the policy for itself; null takes a limit or an end away. */
export const UpdateAuthorizationV1 = defineRequest({
  ...admin,
  subject: 'asset.authorization.update.v1',
  request: z.strictObject({
    actor: Actor,
    authorizationId: AuthorizationId,
    validFrom: Instant.nullable().optional(),
    validUntil: Instant.nullable().optional(),
    policy: ProtocolPolicyChange.optional(),
    limits: SessionLimitsChange.optional(),
  }),
  reply: Authorization,
  errors: ['authorization.not-found', 'request.invalid', 'audit.unavailable'],
});

export const DeleteAuthorizationV1 = defineRequest({
  ...admin,
  subject: 'asset.authorization.delete.v1',
  request: z.strictObject({ actor: Actor, authorizationId: AuthorizationId }),
  reply: z.object({}),
  errors: ['authorization.not-found', 'audit.unavailable'],
});
