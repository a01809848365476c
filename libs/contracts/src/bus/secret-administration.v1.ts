import { z } from 'zod';
import { defineRequest } from '../define.js';
import { KmsInstance, KmsKey, Rotation, Secret, SecretAccess, SecretPolicy } from '../cloud-resources.js';
import { Actor, PageRequest, pageOf } from '../values.js';
import { RegionId, SecretName } from './hosts.v1.js';
import { kmsErrors } from './kms-errors.js';
import { CustomData, Description, Policy, Tags } from './secrets.v1.js';

/** What an administrator sees and changes of a secret besides its life: none of it is the value. */

const admin = { callers: ['api'], timeoutMs: 20_000, roles: ['secret-admin'] } as const;
const region = { actor: Actor, regionId: RegionId.optional() };
const one = { ...region, name: SecretName };
/** Each request has a list of its own: by it a route finds the request that answers it. */
const changeErrors = [
  'request.invalid',
  'secret.not-found',
  'secret.deleted',
  'secret.rotating',
  'secret.rejected',
  'audit.unavailable',
  ...kmsErrors,
] as const;

/** Only what is given changes; `customData` is replaced as a whole. */
export const UpdateSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.update.v1',
  request: z.strictObject({
    ...one,
    description: Description.optional(),
    customData: CustomData.optional(),
  }),
  reply: Secret,
  errors: [...changeErrors],
});

/** The tags that the secret has from now on; others go. KMS takes this in several calls: after an error, look again. */
export const SetSecretTagsV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.set-tags.v1',
  request: z.strictObject({ ...one, tags: Tags }),
  reply: Secret,
  errors: [...changeErrors],
});

/** To be asked again until the rotation has ended. A version that KMS was never asked for looks like one that is under way. */
export const GetRotationV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.get-rotation.v1',
  request: z.strictObject({ ...one, versionId: z.string().min(1).max(64) }),
  reply: Rotation,
  errors: ['secret.not-found', 'secret.deleted', ...kmsErrors],
});

export const GetSecretPolicyV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.get-policy.v1',
  request: z.strictObject(one),
  reply: SecretPolicy,
  errors: ['secret.not-found', 'secret.deleted', 'secret.rejected', ...kmsErrors],
});

/** Either the JSON text itself, or who may do what. */
export const SetSecretPolicyV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.set-policy.v1',
  request: z.strictObject({ ...one, policy: Policy.optional(), access: SecretAccess.optional() }),
  reply: SecretPolicy,
  errors: [...changeErrors],
});

export const ListKmsInstancesV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.kms-instance.list.v1',
  request: z.strictObject(region),
  reply: z.object({ items: z.array(KmsInstance) }),
  errors: [...kmsErrors],
});

/**
 * One page of KMS, each key described. A page of one KMS instance, or of long descriptions, may have fewer than `limit` and still
 * a `nextCursor`.
 */
export const ListKmsKeysV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.kms-key.list.v1',
  request: PageRequest.extend({
    ...region,
    limit: z.int().min(1).max(100).default(50),
    kmsInstanceId: z.string().max(64).optional().describe('In this KMS instance alone.'),
  }),
  reply: pageOf(KmsKey),
  errors: ['request.invalid', ...kmsErrors],
});

export const ListKmsRegionsV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.region.list.v1',
  request: z.strictObject({ actor: Actor }),
  reply: z.object({ items: z.array(z.object({ regionId: z.string() })) }),
  errors: [...kmsErrors],
});
