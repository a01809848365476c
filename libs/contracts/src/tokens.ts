import { z } from 'zod';
import { AccountId, GrantId, HostId, SessionId, TicketId, UserId } from './ids.js';
import { CertificateSerial } from './resources.js';
import { ProtocolPolicy, SessionLimits, SessionRestrictions } from './policy.js';
import { Base64, ClientAddress, CredentialKind, Fingerprint, Instant, Port, Role } from './values.js';

/**
 * What `asset` signs (JWS, EdDSA). A receiver trusts the claims because of the signature, not because of who sent them.
 */

/** What an authority said of the key that signed, and what it holds its user to. */
export const CertificateClaims = z.object({
  /** Of the authority's key. */
  authority: Fingerprint,
  serial: CertificateSerial,
  keyId: z.string(),
  /** Absent when it is good for ever. */
  validUntil: Instant.optional(),
  /** Extensions of PROTOCOL.certkeys: what is not named is not permitted. */
  permits: z.object({
    terminal: z.boolean(),
    portForwarding: z.boolean(),
    agentForwarding: z.boolean(),
    x11Forwarding: z.boolean(),
  }),
  /** Runs instead of whatever is asked for. */
  forceCommand: z.string().optional(),
});
export type CertificateClaims = z.infer<typeof CertificateClaims>;

/** Who somebody proved to be. `ssh`: for one client connection. `rest`: for one call of the API. */
export const IdentityClaims = z.object({
  use: z.enum(['ssh', 'rest']),
  userId: UserId,
  username: z.string(),
  roles: z.array(Role),
  method: z.enum(['password', 'publickey', 'ticket', 'token']),
  /** What was asked for as well; absent when the first proof was enough. */
  secondFactor: z.literal('totp').optional(),
  /** With `ticket`: all that this ticket is good for. */
  ticket: z.object({ ticketId: TicketId, hostId: HostId.optional(), accountId: AccountId.optional() }).optional(),
  clientAddress: ClientAddress,
  /** Hex SHA-256 of the SSH session identifier of the client's connection; only with `ssh`. */
  connection: z.string().optional(),
  /** Of the key that signed; only with `publickey`. */
  fingerprint: Fingerprint.optional(),
  /** Present when that key is not one of the user's own, but certified. */
  certificate: CertificateClaims.optional(),
});
export type IdentityClaims = z.infer<typeof IdentityClaims>;

/** The first of two factors was right. For `asset` itself: session keeps it until the user gives the code. Audience `asset`. */
export const FirstFactorClaims = z.object({
  /** Makes it good for one success. */
  factorId: z.uuid(),
  userId: UserId,
  method: z.enum(['password', 'publickey']),
  /** Of the key that signed. */
  fingerprint: z.string().optional(),
  certificate: CertificateClaims.optional(),
  clientAddress: ClientAddress,
  connection: z.string(),
  /** The whole user name of the SSH request: what was proved for a target is not proved for all of them. */
  sshUserName: z.string(),
});
export type FirstFactorClaims = z.infer<typeof FirstFactorClaims>;

/** The right to use one credential once, for one connection to one host. Audience `secret-broker`. */
export const GrantClaims = z.object({
  grantId: GrantId,
  sessionId: SessionId,
  userId: UserId,
  username: z.string(),
  clientAddress: ClientAddress,
  host: z.object({
    hostId: HostId,
    name: z.string(),
    address: z.string(),
    port: Port,
    /** Fingerprints of the pinned keys; empty until the first use. */
    hostKeys: z.array(Fingerprint),
    /** Their types, such as `ssh-ed25519`: what the target is asked to show first. */
    hostKeyTypes: z.array(z.string()).optional(),
  }),
  account: z.object({
    accountId: AccountId,
    userName: z.string(),
    kind: CredentialKind,
    secretName: z.string(),
    regionId: z.string(),
  }),
  /** X25519 public key made by the session process for this grant; passwords are sealed to it. */
  sealTo: Base64,
  /** What may be done at the target, as its authorization says. */
  policy: ProtocolPolicy,
  limits: SessionLimits,
  /** What the user's certificate takes away beside; absent without one. */
  restrictions: SessionRestrictions.optional(),
});
export type GrantClaims = z.infer<typeof GrantClaims>;

/** `asset` says that this key is (now) pinned for the grant's host. Audience `secret-broker`; only for a first use. */
export const HostKeyAttestationClaims = z.object({ grantId: GrantId, hostId: HostId, fingerprint: Fingerprint });
export type HostKeyAttestationClaims = z.infer<typeof HostKeyAttestationClaims>;
