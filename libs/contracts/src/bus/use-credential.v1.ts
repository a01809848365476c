import { z } from 'zod';
import { defineRequest } from '../define.js';
import { GrantId } from '../ids.js';
import { Base64, CredentialKind, Sealed, Token } from '../values.js';
import { kmsErrors } from './kms-errors.js';

/**
 * The broker's whole conversation with session, in order: prepare, open, then sign (keys), or refresh after a refusal by
 * the target, and release. What is out of order, or more than the broker's table allows, is refused and recorded.
 */

/** Replica of the broker that holds the prepared credential, from PrepareCredentialV1. */
export const ReplicaId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const readErrors = [
  'secret.not-found',
  'secret.deleted',
  'secret.malformed',
  'secret.user-mismatch',
  ...kmsErrors,
] as const;

/**
 * Uses the grant up, reads ACSCurrent from KMS and keeps it for at most 30 s. Answers when KMS has answered, and it is known whether
 * the host refuses this very version these days: up to 6 s, while another logon finds out.
 */
export const PrepareCredentialV1 = defineRequest({
  subject: 'secret-broker.credential.prepare.v1',
  callers: ['session'],
  timeoutMs: 15_000,
  request: z.strictObject({ grant: Token }),
  reply: z.object({ replica: ReplicaId, kind: CredentialKind, versionId: z.string() }),
  errors: ['grant.invalid', 'grant.expired', 'grant.used', 'target.refused-lately', 'audit.unavailable', ...readErrors],
});

/** What can be used at the target: the password sealed to the grant's key, or the public half of the key that signs. */
const Released = z.discriminatedUnion('kind', [
  /** Associated data of the seal: `<grantId> <host key fingerprint>`. */
  z.object({ kind: z.literal('password'), versionId: z.string(), password: Sealed }),
  z.object({
    kind: z.literal('ssh-key'),
    versionId: z.string(),
    publicKey: Base64,
    /** Signature algorithms the key can do, best first (RFC 8332, RFC 8709, RFC 5656). */
    algorithms: z.array(z.string()),
  }),
]);

/** After the host key was verified: binds the credential to the target's connection and hands it out. Once a grant. */
export const OpenCredentialV1 = defineRequest({
  subject: 'secret-broker.credential.open.v1',
  addressed: true,
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({
    grantId: GrantId,
    /** The host key blob that the target proved to hold. */
    hostKey: Base64,
    /** From PinHostKeyV1; only when the grant names no key. */
    attestation: Token.optional(),
    /**
     * SSH session identifier of the connection to the target, which is the exchange hash H of its first key exchange (RFC 4253
     * section 7.2): only userauth requests that carry it are signed.
     */
    targetSessionId: Base64,
    /** The target's signature of H by its host key (RFC 4253 section 8): `string algorithm, string signature`. */
    hostKeySignature: Base64,
  }),
  reply: Released,
  errors: ['credential.not-prepared', 'credential.exhausted', 'host-key.unverified', 'audit.unavailable'],
});

/** Signs one userauth request (RFC 4252 section 7) for the granted user name, key and connection. At most twice an opened version. */
export const SignUserauthV1 = defineRequest({
  subject: 'secret-broker.credential.sign.v1',
  addressed: true,
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({ grantId: GrantId, userauthRequest: Base64 }),
  /** The SSH signature blob: string algorithm, string value. */
  reply: z.object({ signature: Base64 }),
  errors: ['credential.not-prepared', 'credential.exhausted', 'signature.refused', 'audit.unavailable'],
});

/**
 * The target refused `refusedVersionId`: waits up to 5 s for KMS to have another current version, or falls back to
 * ACSPrevious once when a rotation was recent. At most twice a grant (three attempts in all).
 */
export const RefreshCredentialV1 = defineRequest({
  subject: 'secret-broker.credential.refresh.v1',
  addressed: true,
  callers: ['session'],
  timeoutMs: 15_000,
  request: z.strictObject({ grantId: GrantId, refusedVersionId: z.string().max(64) }),
  reply: Released,
  errors: [
    'credential.not-prepared',
    'credential.exhausted',
    'target.refused-credential',
    'audit.unavailable',
    ...readErrors,
  ],
});

/** The logon is over, one way or the other: the broker wipes what it holds. Safe to repeat. */
export const ReleaseCredentialV1 = defineRequest({
  subject: 'secret-broker.credential.release.v1',
  addressed: true,
  callers: ['session'],
  timeoutMs: 2_000,
  request: z.strictObject({
    grantId: GrantId,
    /** What the target said in the end, where it came to that. */
    end: z.enum(['accepted', 'refused']).optional(),
  }),
  reply: z.object({}),
  errors: [],
});
