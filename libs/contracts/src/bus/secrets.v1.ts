import { z } from 'zod';
import { defineRequest } from '../define.js';
import { Scan, Secret, SecretAccess, SecretStanding, SecretVersion, SecretWarning } from '../cloud-resources.js';
import { Actor, CredentialKind, PageRequest, Sealed, pageOf } from '../values.js';
import { InstanceId, RegionId, SecretName } from './hosts.v1.js';
import { kmsErrors } from './kms-errors.js';

/** The life of a secret in KMS. The broker is the only caller of KMS, and no answer ever carries a value. */

/** Pairs that KMS keeps with a secret: up to 10, 1,024 characters with all the rest of ExtendedConfig. */
export const CustomData = z
  .record(z.string().min(1).max(128), z.string().max(512))
  .describe('Pairs for whoever uses them: at most 10, and 768 characters as JSON. Replaced as a whole.');
export const Tags = z
  .array(z.strictObject({ key: z.string(), value: z.string() }))
  .describe(
    'At most 20, each key once; at most 128 of letters, digits, spaces and / \\ _ - . + = : @. No key starts with aliyun or acs:.',
  );
const RotationSeconds = z.int().describe('From 3,600 (1 hour) to 31,536,000 (365 days); KMS may ask for more.');
export const Policy = z
  .string()
  .describe('The whole policy: JSON as text, at most 32,768 bytes. Not together with access.');
export const Description = z.string().max(8_192).describe('For people.');
const admin = { callers: ['api'], timeoutMs: 20_000, roles: ['secret-admin'] } as const;
const one = { actor: Actor, regionId: RegionId.optional(), name: SecretName };

/** Without `actor`: asset looks, for the import, at what a secret belongs to. */
export const DescribeSecretV1 = defineRequest({
  subject: 'secret-broker.secret.describe.v1',
  callers: ['asset'],
  timeoutMs: 15_000,
  request: z.strictObject({ regionId: RegionId, name: SecretName }),
  /** `userName` is the account that the secret's current value names. */
  reply: Secret.extend({ userName: z.string().optional() }),
  errors: ['secret.not-found', 'secret.deleted', 'secret.malformed', ...kmsErrors],
});

/**
 * ECS secrets of a region with their instance and kind, from an index of their metadata, without description and custom data; those
 * that are scheduled for deletion are left out. `scan` is there while the first look at all of them goes on, and then some may be missing.
 */
export const ListEcsSecretsV1 = defineRequest({
  subject: 'secret-broker.secret.list-ecs.v1',
  callers: ['asset'],
  timeoutMs: 15_000,
  request: z.strictObject({
    regionId: RegionId,
    keyword: z.string().max(192).optional(),
    /** Of this instance alone; then with how each stands. */
    instanceId: InstanceId.optional(),
  }),
  reply: z.object({ items: z.array(Secret.extend({ standing: SecretStanding.optional() })), scan: Scan.optional() }),
  errors: [...kmsErrors],
});

/** How secrets stand in KMS, by name, in the order they were asked for. Fails only when the region cannot be looked at. */
export const ShowSecretStatesV1 = defineRequest({
  subject: 'secret-broker.secret.show-states.v1',
  callers: ['asset'],
  timeoutMs: 15_000,
  request: z.strictObject({
    regionId: RegionId,
    names: z.array(SecretName).max(500),
    /** Costs a call for each that is not known. */
    versions: z.boolean().default(false),
  }),
  reply: z.object({ items: z.array(SecretStanding.extend({ name: z.string() })), scan: Scan.optional() }),
  errors: [...kmsErrors],
});

/**
 * By name. `keyword`: a part of name or description, whatever the case; `tag`: a key, or `key=value`. All of them must hold. A page
 * of long descriptions may have fewer than `limit` and still a `nextCursor`.
 * While `scan` is there, the secrets of the region are looked at for the first time, and some may be missing.
 */
export const ListSecretsV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.list.v1',
  request: PageRequest.extend({
    actor: Actor,
    regionId: RegionId.optional(),
    keyword: z.string().max(192).optional().describe('A part of name or description, whatever the case.'),
    instanceId: InstanceId.optional().describe('Of this ECS instance alone.'),
    kmsInstanceId: z.string().max(64).optional().describe('In this KMS instance alone.'),
    tag: z.string().max(257).optional().describe('A tag: KEY, or KEY=VALUE.'),
  }),
  reply: pageOf(Secret).extend({ scan: Scan.optional() }),
  errors: ['request.invalid', ...kmsErrors],
});

export const GetSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.get.v1',
  request: z.strictObject(one),
  reply: Secret,
  errors: ['secret.not-found', ...kmsErrors],
});

/**
 * `value` is the JSON of SecretData, sealed to the broker's key; associated data: the secret's name as text. Or the broker makes
 * one for `generate.userName`, which no answer shows. `policy` or `access`, not both.
 */
export const CreateSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.create.v1',
  request: z.strictObject({
    ...one,
    instanceId: InstanceId,
    regionId: RegionId,
    kind: CredentialKind,
    value: Sealed.optional(),
    generate: z.strictObject({ userName: z.string().min(1).max(255) }).optional(),
    encryptionKeyId: z
      .string()
      .max(256)
      .optional()
      .describe(
        'An enabled symmetric key of the same KMS instance: GET /v1/kms/keys. KMS may choose one when it is left out.',
      ),
    kmsInstanceId: z
      .string()
      .max(64)
      .optional()
      .describe('Where the secret is kept: GET /v1/kms/instances. That of the key when it is left out.'),
    tags: Tags.optional(),
    rotation: z
      .strictObject({ intervalSeconds: RotationSeconds })
      .optional()
      .describe(
        'Has KMS rotate it by itself, from 3,600 s (1 hour) to 31,536,000 s (365 days). Left out: it does not.',
      ),
    description: Description.optional(),
    customData: CustomData.optional(),
    policy: Policy.optional(),
    access: SecretAccess.optional(),
  }),
  reply: Secret,
  errors: [
    'request.invalid',
    'secret.exists',
    'secret.rejected',
    'secret.malformed',
    'audit.unavailable',
    ...kmsErrors,
  ],
});

/** With `recoveryWindowDays` (7-30), or at once and for ever with `force`. What it was is on record before it goes. */
export const DeleteSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.delete.v1',
  request: z.strictObject({
    ...one,
    force: z.boolean().default(false),
    recoveryWindowDays: z.int().min(7).max(30).optional(),
  }),
  reply: z.object({
    name: z.string(),
    plannedDeleteAt: z
      .string()
      .optional()
      .describe('Until then it can be restored. Not there when it is gone for ever.'),
  }),
  errors: [
    'secret.not-found',
    'secret.deleted',
    'secret.rotating',
    'secret.rejected',
    'request.invalid',
    'audit.unavailable',
    ...kmsErrors,
  ],
});

export const RestoreSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.restore.v1',
  request: z.strictObject(one),
  reply: z.object({
    name: z.string(),
    warnings: z.array(SecretWarning).optional().describe('Of another secret that was made for its account meanwhile.'),
  }),
  errors: [
    'request.invalid',
    'secret.not-found',
    'secret.not-deleted',
    'secret.rejected',
    'audit.unavailable',
    ...kmsErrors,
  ],
});

/** Starts a rotation; KMS ends it later. `versionId` is the version to be made: the same id again starts nothing new. */
export const RotateSecretV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.rotate.v1',
  request: z.strictObject({
    ...one,
    versionId: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('Of the version to be made; a new one when it is left out. Give one to be able to repeat the request.'),
  }),
  reply: z.object({ name: z.string(), versionId: z.string().describe('Of the version that the rotation makes.') }),
  errors: [
    'secret.not-found',
    'secret.deleted',
    'secret.rotating',
    'secret.rejected',
    'audit.unavailable',
    ...kmsErrors,
  ],
});

/** Turns automatic rotation on (with its interval) or off. */
export const SetRotationPolicyV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.set-rotation-policy.v1',
  request: z.strictObject({
    ...one,
    enabled: z.boolean().describe('Whether KMS rotates the secret by itself.'),
    intervalSeconds: RotationSeconds.optional(),
  }),
  reply: Secret,
  errors: [
    'request.invalid',
    'secret.not-found',
    'secret.deleted',
    'secret.rotating',
    'secret.rejected',
    'audit.unavailable',
    ...kmsErrors,
  ],
});

/** The current and the previous version; with `deprecated`, also those that KMS remembers and gives to nobody. */
export const ListSecretVersionsV1 = defineRequest({
  ...admin,
  subject: 'secret-broker.secret.list-versions.v1',
  request: z.strictObject({ ...one, deprecated: z.boolean().default(false) }),
  reply: z.object({ items: z.array(SecretVersion) }),
  errors: ['secret.not-found', 'secret.deleted', ...kmsErrors],
});
