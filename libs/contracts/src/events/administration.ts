import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AccountId, AuthorizationId, HostId, PublicKeyId, UserId } from '../ids.js';
import { SecretState } from '../cloud-resources.js';
import { Authorization, Host, User } from '../resources.js';
import { CredentialKind } from '../values.js';
import { pub, sensitive } from './field.js';

const actor = { actorId: pub(UserId) };
const byAsset = { sources: ['asset'], guarantee: 'enforced' } as const;
const byBroker = { sources: ['secret-broker'], guarantee: 'enforced' } as const;

export const UserCreated = defineEvent({
  ...byAsset,
  name: 'user.created',
  description: 'An account for a person was made.',
  data: z.object({ actorId: pub(UserId).optional(), user: sensitive(User) }),
});
export const UserUpdated = defineEvent({
  ...byAsset,
  name: 'user.updated',
  description: 'Roles, status or password of a user changed.',
  data: z.object({ ...actor, before: sensitive(User), after: sensitive(User), passwordChanged: pub(z.boolean()) }),
});
export const UserDeleted = defineEvent({
  ...byAsset,
  name: 'user.deleted',
  description: 'A user was removed, with all authorizations, and from all groups.',
  data: z.object({ ...actor, user: sensitive(User) }),
});
export const PublicKeyAdded = defineEvent({
  ...byAsset,
  name: 'public-key.added',
  description: 'A user may sign with one more key.',
  data: z.object({ ...actor, userId: pub(UserId), publicKeyId: pub(PublicKeyId), fingerprint: pub(z.string()) }),
});
export const PublicKeyRemoved = defineEvent({
  ...byAsset,
  name: 'public-key.removed',
  description: 'A key of a user is good no longer.',
  data: z.object({ ...actor, userId: pub(UserId), publicKeyId: pub(PublicKeyId), fingerprint: pub(z.string()) }),
});
export const HostImported = defineEvent({
  ...byAsset,
  name: 'host.imported',
  description: 'An ECS instance became a host.',
  data: z.object({ ...actor, host: sensitive(Host) }),
});
export const HostUpdated = defineEvent({
  ...byAsset,
  name: 'host.updated',
  description: 'A host changed, by an administrator or by a further import.',
  data: z.object({ ...actor, before: sensitive(Host), after: sensitive(Host) }),
});
export const HostDeleted = defineEvent({
  ...byAsset,
  name: 'host.deleted',
  description: 'A host was removed, with its accounts, keys and authorizations, and from all groups.',
  data: z.object({ ...actor, host: sensitive(Host) }),
});
export const AccountImported = defineEvent({
  ...byAsset,
  name: 'account.imported',
  description: 'An ECS secret became an account of a host.',
  data: z.object({
    ...actor,
    accountId: pub(AccountId),
    hostId: pub(HostId),
    secretName: sensitive(z.string()),
    userName: sensitive(z.string()),
    kind: pub(CredentialKind),
  }),
});
export const AccountSecretStateChanged = defineEvent({
  ...byAsset,
  name: 'account.secret-state-changed',
  description:
    'The secret of an account stands otherwise in KMS than before: a rotation failed, its deletion is planned, it is gone, or well again.',
  data: z.object({
    accountId: pub(AccountId),
    hostId: pub(HostId),
    secretName: sensitive(z.string()),
    before: pub(SecretState),
    after: pub(SecretState),
    plannedDeleteAt: pub(z.string()).optional(),
  }),
});
export const HostStatusChanged = defineEvent({
  ...byAsset,
  name: 'host.status-changed',
  description: 'The cloud names the instance of a host no longer, or names it again.',
  data: z.object({ hostId: pub(HostId), instanceId: pub(z.string()), before: pub(z.string()), after: pub(z.string()) }),
});
export const AccountDeleted = defineEvent({
  ...byAsset,
  name: 'account.deleted',
  description: 'An account of a host was removed from Sallyport; the secret in KMS is as it was.',
  data: z.object({ ...actor, accountId: pub(AccountId), hostId: pub(HostId), secretName: sensitive(z.string()) }),
});
export const AuthorizationCreated = defineEvent({
  ...byAsset,
  name: 'authorization.created',
  description: 'A user, or all in a group, were permitted to use accounts of a host, or of all hosts in a group.',
  data: z.object({ ...actor, authorization: sensitive(Authorization) }),
});
export const AuthorizationUpdated = defineEvent({
  ...byAsset,
  name: 'authorization.updated',
  description: 'Policy, limits or time of a permission changed. Sessions that run go on as they were granted.',
  data: z.object({ ...actor, before: sensitive(Authorization), after: sensitive(Authorization) }),
});
export const AuthorizationDeleted = defineEvent({
  ...byAsset,
  name: 'authorization.deleted',
  description: 'A permission was taken back.',
  data: z.object({ ...actor, authorizationId: pub(AuthorizationId), authorization: sensitive(Authorization) }),
});

const secret = {
  ...actor,
  secretName: sensitive(z.string()),
  regionId: pub(z.string()),
  kmsRequestId: pub(z.string()),
};
const face = z.object({
  description: z.string().optional(),
  customData: z.record(z.string(), z.string()).optional(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).optional(),
});
export const SecretCreated = defineEvent({
  ...byBroker,
  name: 'secret.created',
  description: 'An ECS secret was made in KMS.',
  data: z.object({
    ...secret,
    instanceId: pub(z.string()),
    kind: pub(CredentialKind),
    secretVersionId: pub(z.string()),
    rotationIntervalSeconds: pub(z.int()).optional(),
    /** The managed user on the instance. */
    userName: sensitive(z.string()).optional(),
    /** Where the request named one. */
    encryptionKeyId: pub(z.string()).optional(),
    kmsInstanceId: pub(z.string()).optional(),
    after: sensitive(face).optional(),
    /** Who may do what; KMS's default policy when it is not there. */
    policy: sensitive(z.string()).optional(),
  }),
});
export const SecretDeleted = defineEvent({
  ...byBroker,
  name: 'secret.deleted',
  description: 'A secret was deleted in KMS, at once or with a window.',
  data: z.object({
    ...secret,
    before: sensitive(
      face.extend({
        instanceId: z.string().optional(),
        kind: CredentialKind.optional(),
        encryptionKeyId: z.string().optional(),
        kmsInstanceId: z.string().optional(),
      }),
    ).optional(),
    force: pub(z.boolean()),
    plannedDeleteAt: pub(z.string()).optional(),
  }),
});
export const SecretRestored = defineEvent({
  ...byBroker,
  name: 'secret.restored',
  description: 'A secret was taken back out of its deletion window.',
  data: z.object({
    ...secret,
    /** When it would have gone. */
    before: pub(z.object({ plannedDeleteAt: z.string().optional() })).optional(),
  }),
});
export const SecretRotationRequested = defineEvent({
  ...byBroker,
  name: 'secret.rotation-requested',
  description: 'An administrator asked KMS to rotate a secret now.',
  data: z.object({ ...secret, secretVersionId: pub(z.string()) }),
});
export const SecretRotationPolicyChanged = defineEvent({
  ...byBroker,
  name: 'secret.rotation-policy-changed',
  description: 'Automatic rotation of a secret was turned on, off, or to another interval.',
  data: z.object({
    ...secret,
    /** As it was, in KMS's words: `Invalid` after a rotation that failed. */
    before: pub(
      z.object({
        automaticRotation: z.enum(['Enabled', 'Disabled', 'Invalid']).optional(),
        rotationIntervalSeconds: z.int().optional(),
      }),
    ).optional(),
    enabled: pub(z.boolean()),
    rotationIntervalSeconds: pub(z.int()).optional(),
  }),
});
export const SecretUpdated = defineEvent({
  ...byBroker,
  name: 'secret.updated',
  description: 'Description, custom data or tags of a secret changed.',
  data: z.object({ ...secret, before: sensitive(face), after: sensitive(face) }),
});
export const SecretPolicyChanged = defineEvent({
  ...byBroker,
  name: 'secret.policy-changed',
  description: 'The policy of a secret, which says who may use and manage it in KMS, was set.',
  data: z.object({ ...secret, before: sensitive(z.string()), after: sensitive(z.string()) }),
});
export const SecretChangeRequested = defineEvent({
  ...byBroker,
  name: 'secret.change-requested',
  description:
    'An administrator asked for a change to a secret, and KMS is about to be asked. Its end is an event of its own.',
  data: z.object({
    ...actor,
    secretName: sensitive(z.string()),
    regionId: pub(z.string()),
    operation: pub(z.string()),
  }),
});
export const SecretChangeRefused = defineEvent({
  ...byBroker,
  name: 'secret.change-refused',
  description: 'A rule of ours, or KMS, refused an administrator’s change to a secret.',
  data: z.object({
    ...actor,
    secretName: sensitive(z.string()),
    regionId: pub(z.string()).optional(),
    operation: pub(z.string()),
    code: pub(z.string()),
    kmsCode: pub(z.string()).optional(),
    kmsRequestId: pub(z.string()).optional(),
  }),
});
