import { z } from 'zod';
import { defineRequest } from '../define.js';
import { PublicKeyId, UserId } from '../ids.js';
import { LogonRuleChanges, LogonRules } from '../logon-rules.js';
import { PublicKey, User } from '../resources.js';
import { Actor, PageRequest, Role, Sealed, Username, pageOf } from '../values.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
/** OpenSSH one-line form, `type base64 comment`. */
export const PublicKeyLine = z.string().min(20).max(16_384);

export const ListUsersV1 = defineRequest({
  ...admin,
  subject: 'asset.user.list.v1',
  request: PageRequest.extend({ actor: Actor }),
  reply: pageOf(User),
  errors: [],
});

/** Associated data of a sealed password: the user name as text. */
export const CreateUserV1 = defineRequest({
  ...admin,
  subject: 'asset.user.create.v1',
  request: z.strictObject({
    actor: Actor,
    username: Username,
    roles: z.array(Role).max(4),
    password: Sealed.optional(),
    publicKeys: z.array(PublicKeyLine).max(50).optional(),
    ...LogonRules,
  }),
  reply: User,
  errors: ['user.exists', 'request.invalid', 'audit.unavailable'],
});

/** Only what is given changes. Associated data of a sealed password: the user id as text. */
export const UpdateUserV1 = defineRequest({
  ...admin,
  subject: 'asset.user.update.v1',
  request: z.strictObject({
    actor: Actor,
    userId: UserId,
    roles: z.array(Role).max(4).optional(),
    password: Sealed.optional(),
    status: z.enum(['active', 'locked']).optional(),
    ...LogonRuleChanges,
  }),
  reply: User,
  errors: ['user.not-found', 'request.invalid', 'audit.unavailable'],
});

export const DeleteUserV1 = defineRequest({
  ...admin,
  subject: 'asset.user.delete.v1',
  request: z.strictObject({ actor: Actor, userId: UserId }),
  reply: z.object({}),
  errors: ['user.not-found', 'audit.unavailable'],
});

export const ListPublicKeysV1 = defineRequest({
  ...admin,
  subject: 'asset.public-key.list.v1',
  request: z.strictObject({ actor: Actor, userId: UserId }),
  reply: z.object({ items: z.array(PublicKey) }),
  errors: ['user.not-found'],
});

export const AddPublicKeyV1 = defineRequest({
  ...admin,
  subject: 'asset.public-key.add.v1',
  request: z.strictObject({ actor: Actor, userId: UserId, publicKey: PublicKeyLine }),
  reply: PublicKey,
  errors: ['user.not-found', 'public-key.exists', 'request.invalid', 'audit.unavailable'],
});

export const RemovePublicKeyV1 = defineRequest({
  ...admin,
  subject: 'asset.public-key.remove.v1',
  request: z.strictObject({ actor: Actor, userId: UserId, publicKeyId: PublicKeyId }),
  reply: z.object({}),
  errors: ['user.not-found', 'public-key.not-found', 'audit.unavailable'],
});
