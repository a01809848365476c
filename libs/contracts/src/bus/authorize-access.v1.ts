import { z } from 'zod';
import { defineRequest } from '../define.js';
import { SessionId } from '../ids.js';
import { Base64, Fingerprint, Token } from '../values.js';

/** Session asks, for somebody who authenticated, for the right to log on to a target. Not safe to repeat with one session id. */
export const AuthorizeAccessV1 = defineRequest({
  subject: 'asset.access.authorize.v1',
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({
    /** From AuthenticateUserV1; must have been made for `ssh`. */
    identity: Token,
    sessionId: SessionId,
    target: z.strictObject({
      /** The host's name, instance id or address, as typed. */
      host: z.string().min(1).max(255),
      /** The account's user name; absent when the user has just one. */
      account: z.string().min(1).max(255).optional(),
    }),
    /** X25519 public key for this grant. */
    sealTo: Base64,
  }),
  /** GrantClaims; at most 60 s to the first use. */
  reply: z.object({ grant: Token }),
  errors: ['access.unauthenticated', 'access.kept-out', 'target.not-found', 'target.ambiguous', 'audit.unavailable'],
});

/**
 * Session shows the host key that the target of a grant presented, when the grant names none. The first key wins; asset
 * pins it, records that, and attests it for the broker. Where the mode of the host is not `pin-on-first-use`, the answer is
 * `host-key.unknown`, and with `approve` the key becomes a candidate.
 */
export const PinHostKeyV1 = defineRequest({
  subject: 'asset.host-key.pin.v1',
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({
    grant: Token,
    /** The key blob, RFC 4253 section 6.6. */
    hostKey: Base64,
  }),
  /** HostKeyAttestationClaims */
  reply: z.object({ attestation: Token, fingerprint: Fingerprint }),
  errors: [
    'grant.invalid',
    'grant.expired',
    'host-key.changed',
    'host-key.unknown',
    'request.invalid',
    'audit.unavailable',
  ],
});

/** Session reports that a target showed a key that is not pinned. Asset records it and changes nothing. */
export const ReportHostKeyV1 = defineRequest({
  subject: 'asset.host-key.report.v1',
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({ grant: Token, hostKey: Base64 }),
  reply: z.object({}),
  errors: ['grant.invalid', 'grant.expired', 'audit.unavailable'],
});
