import { z } from 'zod';
import { CredentialKind, Port } from './values.js';

/** What KMS and ECS have, as Sallyport shows it; design section 6. */

/**
 * How a secret stands in KMS. `rotation-failed`: KMS could not rotate it, and will not until somebody sees to it. `gone`: KMS has
 * no such secret. `unknown`: not looked at yet, or KMS does not answer.
 */
export const SecretState = z.enum(['ok', 'rotation-failed', 'deletion-planned', 'gone', 'unknown']);
export type SecretState = z.infer<typeof SecretState>;

export const SecretStanding = z.object({
  state: SecretState,
  /** The version that a logon gets now. */
  currentVersionId: z.string().optional(),
  lastRotationAt: z.string().optional(),
  nextRotationAt: z.string().optional(),
  plannedDeleteAt: z.string().optional(),
});
export type SecretStanding = z.infer<typeof SecretStanding>;

/** How far the first look at all secrets of a region got. */
export const Scan = z
  .object({ known: z.int(), total: z.int() })
  .describe('There while the region is looked at for the first time: some secrets may be missing.');
export type Scan = z.infer<typeof Scan>;

export const EcsInstance = z.object({
  instanceId: z.string(),
  name: z.string(),
  regionId: z.string(),
  address: z.string(),
  port: Port,
  osType: z.enum(['linux', 'windows']),
  status: z.string(),
});
export type EcsInstance = z.infer<typeof EcsInstance>;

/** Something about a secret that works and is not as it should be. `code` is for programs and never changes. */
export const SecretWarning = z.object({
  code: z.enum(['same-account', 'same-instance-unread', 'not-compared', 'value-not-on-instance']),
  /** For people: what it means and what to do. */
  message: z.string(),
  /** The other secret, where there is one. */
  secretName: z.string().optional(),
});
export type SecretWarning = z.infer<typeof SecretWarning>;

/** KMS's own words. */
const AutomaticRotation = z
  .enum(['Enabled', 'Disabled', 'Invalid'])
  .describe('Invalid: a rotation failed, and none follows by itself until one succeeds or the rotation policy is set.');

/** What KMS tells about a secret; never its value. */
export const Secret = z.object({
  name: z.string().describe('Starts with acs/ecs/.'),
  regionId: z.string().describe('Of KMS and of the instance: they are in one region.'),
  arn: z.string().optional().describe('acs:kms:REGION:ACCOUNT:secret/NAME; the account is its owner.'),
  type: z.string().describe('ECS.'),
  kind: CredentialKind.optional().describe('What the secret holds.'),
  instanceId: z.string().optional().describe('The ECS instance whose account the secret is for.'),
  encryptionKeyId: z.string().optional().describe('The key of KMS that the value is encrypted with.'),
  kmsInstanceId: z.string().optional().describe('The KMS instance that holds secret and key.'),
  description: z.string().optional().describe('What people wrote about it.'),
  createdAt: z.string().optional().describe('When it was created.'),
  updatedAt: z.string().optional().describe('When KMS last changed anything of it, rotation included.'),
  plannedDeleteAt: z
    .string()
    .optional()
    .describe('There while it waits for its deletion: until then it can be restored.'),
  owningService: z
    .string()
    .optional()
    .describe('The service of Alibaba Cloud that made the secret and looks after it, when one did.'),
  automaticRotation: AutomaticRotation.optional(),
  rotationIntervalSeconds: z.int().optional().describe('From one automatic rotation to the next.'),
  nextRotationAt: z.string().optional().describe('When KMS will rotate it by itself.'),
  lastRotationAt: z.string().optional().describe('When a rotation last succeeded.'),
  tags: z
    .array(z.object({ key: z.string(), value: z.string() }))
    .optional()
    .describe('Its tags in KMS.'),
  customData: z
    .record(z.string(), z.string())
    .optional()
    .describe('Pairs that KMS keeps with it for whoever uses them.'),
  warnings: z
    .array(SecretWarning)
    .optional()
    .describe('What works and is not as it should be; each message says what to do.'),
});
export type Secret = z.infer<typeof Secret>;

export const SecretVersion = z.object({
  versionId: z.string(),
  createdAt: z.string(),
  stages: z.array(z.string()).describe('ACSCurrent, ACSPrevious, or none.'),
});
export type SecretVersion = z.infer<typeof SecretVersion>;

/**
 * How far a rotation got. `done`: the version exists. `failed`: KMS gave up, the value is as it was, and automatic rotation stands
 * still until one succeeds or the rotation policy is set. `rotating`: neither yet.
 */
export const Rotation = z.object({
  name: z.string(),
  versionId: z.string().describe('The version that the rotation makes.'),
  status: z
    .enum(['rotating', 'done', 'failed'])
    .describe('done: the version exists. failed: KMS gave up, and the value is as it was. rotating: neither yet.'),
  automaticRotation: AutomaticRotation.optional(),
  lastRotationAt: z.string().optional().describe('When a rotation last succeeded.'),
  nextRotationAt: z.string().optional().describe('When KMS will rotate the secret by itself.'),
});
export type Rotation = z.infer<typeof Rotation>;

/**
 * Who may do what with a secret, as KMS's console asks for it. Each is `user/NAME` or `role/NAME` of the account that owns the
 * secret, or an ARN `acs:ram::ACCOUNT:user/NAME`. Administrators manage and do not read, users read; cross-account users are
 * users of other accounts, whose own RAM policies must allow it too.
 */
export const SecretAccess = z
  .strictObject({
    administrators: z.array(z.string().max(256)).max(100).default([]),
    users: z.array(z.string().max(256)).max(100).default([]),
    crossAccountUsers: z.array(z.string().max(256)).max(100).default([]),
  })
  .describe(
    'Who may do what: administrators manage and do not read, users read, cross-account users are users of other accounts. ' +
      'Each is user/NAME or role/NAME of the account that owns the secret, or acs:ram::ACCOUNT:user/NAME.',
  );
export type SecretAccess = z.infer<typeof SecretAccess>;

/** `policy` is KMS's JSON text; `access` says the same when the policy is of the form that is built from it. */
export const SecretPolicy = z.object({
  policy: z.string().describe('As KMS keeps it: JSON as text.'),
  access: SecretAccess.optional(),
});
export type SecretPolicy = z.infer<typeof SecretPolicy>;

export const KmsInstance = z.object({ kmsInstanceId: z.string(), arn: z.string().optional() });
export type KmsInstance = z.infer<typeof KmsInstance>;

/** `encryptsSecrets`: symmetric, for encryption, and enabled. */
export const KmsKey = z.object({
  keyId: z.string(),
  arn: z.string().optional(),
  kmsInstanceId: z.string().optional(),
  keySpec: z.string(),
  keyUsage: z.string(),
  state: z.string(),
  description: z.string().optional(),
  encryptsSecrets: z.boolean(),
});
export type KmsKey = z.infer<typeof KmsKey>;
