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
import { SecretStanding } from './cloud-resources.js';

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
