import { z } from 'zod';
import {
  AccountId,
  AuthorizationId,
  CertificateAuthorityId,
  CertificateRevocationId,
  GroupId,
  HostId,
  PublicKeyId,
  SessionId,
  TicketId,
  UserId,
} from './ids.js';
import { LogonRules } from './logon-rules.js';
import { ProtocolPolicy, SessionLimits } from './policy.js';
import { CredentialKind, Fingerprint, HostKeyMode, Instant, Port, Role, Username } from './values.js';

/** The shapes of design section 6: the same on the bus and in REST. */

export const User = z.object({
  id: UserId,
  username: z.string(),
  roles: z.array(Role),
  /** OpenSSH one-line form, `type base64 comment`. */
  publicKeys: z.array(z.string()),
  status: z.enum(['active', 'locked']),
  ...LogonRules,
});
export type User = z.infer<typeof User>;

export const PublicKey = z.object({ id: PublicKeyId, publicKey: z.string(), fingerprint: Fingerprint });
export type PublicKey = z.infer<typeof PublicKey>;

/** What a logon asks for besides the first proof. `pending`: begun, not confirmed, not asked for yet. */
export const Factor = z.object({ kind: z.literal('totp'), status: z.enum(['pending', 'active']), createdAt: Instant });
export type Factor = z.infer<typeof Factor>;

/** Whose certificates users may log on with (OpenSSH's PROTOCOL.certkeys). `publicKey`: OpenSSH one-line form. */
export const CertificateAuthority = z.object({
  id: CertificateAuthorityId,
  name: z.string(),
  publicKey: z.string(),
  fingerprint: Fingerprint,
  addedAt: Instant,
});
export type CertificateAuthority = z.infer<typeof CertificateAuthority>;

/** 64 bits, as decimal text: a number of JSON has 53. */
export const CertificateSerial = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,19})$/)
  .refine((serial) => BigInt(serial) < 2n ** 64n, 'a number of 64 bits');

/** One of `serial` and `keyId`, which says what is revoked. */
export const CertificateRevocation = z.object({
  id: CertificateRevocationId,
  serial: CertificateSerial.optional(),
  keyId: z.string().optional(),
  revokedAt: Instant,
});
export type CertificateRevocation = z.infer<typeof CertificateRevocation>;

/** Never shows the ticket itself. */
export const Ticket = z.object({
  id: TicketId,
  userId: UserId,
  hostId: HostId.optional(),
  accountId: AccountId.optional(),
  uses: z.int(),
  usesLeft: z.int(),
  createdAt: Instant,
  expiresAt: Instant,
});
export type Ticket = z.infer<typeof Ticket>;

export const Host = z.object({
  id: HostId,
  name: z.string(),
  instanceId: z.string(),
  regionId: z.string(),
  address: z.string(),
  port: Port,
  osType: z.enum(['linux', 'windows']),
  /** `active`, or `missing` once the cloud no longer names the instance. */
  status: z.enum(['active', 'missing']),
  source: z.literal('ecs'),
  hostKeyMode: HostKeyMode.default('pin-on-first-use'),
});
export type Host = z.infer<typeof Host>;

export const HostKey = z.object({
  type: z.string(),
  fingerprint: Fingerprint,
  /** OpenSSH one-line form without comment. */
  publicKey: z.string(),
  source: z.enum(['first-use', 'administrator']),
  pinnedAt: Instant,
});
export type HostKey = z.infer<typeof HostKey>;

/** A key that a host showed and that awaits an administrator's approval. */
export const HostKeyCandidate = z.object({
  hostId: HostId,
  type: z.string(),
  fingerprint: Fingerprint,
  /** OpenSSH one-line form without comment. */
  publicKey: z.string(),
  /** When it was shown first, and the session and user whose logon ended there. */
  seenAt: Instant,
  sessionId: SessionId,
  userId: UserId,
});
export type HostKeyCandidate = z.infer<typeof HostKeyCandidate>;

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

export const HostAccount = z.object({
  id: AccountId,
  hostId: HostId,
  secretName: z.string(),
  userName: z.string(),
  kind: CredentialKind,
  secret: SecretStanding.optional(),
});
export type HostAccount = z.infer<typeof HostAccount>;

/** Some users, or some hosts, that authorizations name as one. */
export const Group = z.object({ id: GroupId, name: z.string(), comment: z.string().optional() });
export type Group = z.infer<typeof Group>;

/** A user or a host in a group, by the name that people know. */
export const GroupMember = z.object({ id: z.uuid(), name: z.string() });
export type GroupMember = z.infer<typeof GroupMember>;

/**
 * Permission of a user, or of all in a group, for accounts of a host, or of all hosts in a group: one of each pair is there. Without
 * `accountIds`, for all accounts, those of tomorrow included.
 */
export const Authorization = z.object({
  id: AuthorizationId,
  userId: UserId.optional(),
  userGroupId: GroupId.optional(),
  hostId: HostId.optional(),
  hostGroupId: GroupId.optional(),
  accountIds: z.array(AccountId).optional(),
  validFrom: Instant.optional(),
  validUntil: Instant.optional(),
  policy: ProtocolPolicy.prefault({}),
  limits: SessionLimits.prefault({}),
});
export type Authorization = z.infer<typeof Authorization>;

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

export const Session = z.object({
  id: SessionId,
  userId: UserId,
  username: Username,
  clientAddress: z.string(),
  hostId: HostId,
  hostName: z.string(),
  accountId: AccountId,
  accountName: z.string(),
  status: z.enum(['active', 'closed']),
  openedAt: Instant,
  closedAt: Instant.optional(),
  closeReason: z.string().optional(),
});
export type Session = z.infer<typeof Session>;

/** Per-item result codes of Bastionhost's batch calls. */
export const ItemCode = z.enum(['OK', 'OBJECT_NOT_FOUND', 'OBJECT_ALREADY_EXISTS', 'INVALID_ARGUMENT', 'UNEXPECTED']);
export type ItemCode = z.infer<typeof ItemCode>;
