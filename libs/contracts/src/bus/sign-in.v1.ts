import { z } from 'zod';
import { defineRequest } from '../define.js';
import { UserId } from '../ids.js';
import { ClientAddress, Instant, Role, Sealed, Token } from '../values.js';

/** Lower-case hex SHA-256 of a bearer token; the token itself never leaves api. */
export const TokenHash = z.string().regex(/^[0-9a-f]{64}$/);

/** Api asks asset to check a password and to remember the hash of the bearer token that api made. */
export const SignInV1 = defineRequest({
  subject: 'asset.user.sign-in.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  request: z.strictObject({
    username: z.string().min(1).max(255),
    /** Sealed to asset's key; associated data: the token hash as text. */
    password: Sealed,
    /** A one-time code, sealed in the same way; needed when the user has them. */
    otp: Sealed.optional(),
    clientAddress: ClientAddress,
    tokenHash: TokenHash,
  }),
  reply: z.object({ expiresAt: Instant }),
  errors: ['sign-in.failed', 'sign-in.code-needed', 'sign-in.rate-limited', 'audit.unavailable'],
});

/** Who stands behind a bearer token, as an identity for the call that api is about to forward. Changes nothing. */
export const ResolveTokenV1 = defineRequest({
  subject: 'asset.token.resolve.v1',
  callers: ['api'],
  timeoutMs: 2_000,
  request: z.strictObject({ tokenHash: TokenHash, clientAddress: ClientAddress }),
  /** `identity`: IdentityClaims for `rest`, good for one minute. */
  reply: z.object({ identity: Token, userId: UserId, username: z.string(), roles: z.array(Role) }),
  errors: ['access.unauthenticated'],
});

/** Forgets a bearer token. Safe to repeat. */
export const RevokeTokenV1 = defineRequest({
  subject: 'asset.token.revoke.v1',
  callers: ['api'],
  timeoutMs: 2_000,
  request: z.strictObject({ tokenHash: TokenHash }),
  reply: z.object({}),
  errors: [],
});
