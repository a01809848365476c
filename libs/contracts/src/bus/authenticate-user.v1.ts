import { z } from 'zod';
import { defineRequest } from '../define.js';
import { Base64, ClientAddress, Sealed, Token } from '../values.js';

/** SHA-256 of the SSH session identifier (RFC 4253 section 7.2) of the client's connection, hex. */
export const Connection = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * Session forwards what the client proved; asset checks the proof itself and answers who it is.
 * Evidence is good once: the same a second time is refused. For a user with one-time codes, the first proof gives a
 * `firstFactor`, which asset alone can read and which is worth something only with a code on the same connection.
 */
export const AuthenticateUserV1 = defineRequest({
  subject: 'asset.user.authenticate.v1',
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({
    /** As typed, the USER part only. */
    username: z.string().min(1).max(255),
    /** The whole user name of the SSH request, `USER@ACCOUNT@HOST`: it is what a signature covers. */
    sshUserName: z.string().min(1).max(1_024),
    clientAddress: ClientAddress,
    connection: Connection,
    evidence: z.discriminatedUnion('method', [
      /** `password`, which may be a ticket, is sealed to asset's key; associated data: `connection` as text. */
      z.strictObject({ method: z.literal('password'), password: Sealed }),
      /** `signed`: the very bytes of RFC 4252 section 7; `signature`: the SSH signature blob (string type, string value). */
      z.strictObject({ method: z.literal('publickey'), signed: Base64, signature: Base64 }),
      /** `code` is sealed as a password is. */
      z.strictObject({ method: z.literal('code'), code: Sealed, firstFactor: Token }),
    ]),
  }),
  reply: z.union([
    /** IdentityClaims, audience `asset`, good for two minutes; for twelve hours when the user name has no target. */
    z.object({ identity: Token }),
    /** FirstFactorClaims: right so far, a code is needed as well. */
    z.object({ firstFactor: Token }),
  ]),
  errors: ['access.unauthenticated', 'sign-in.rate-limited', 'audit.unavailable'],
});

/** Session asks whether a key offered without proof (RFC 4252 section 7, `FALSE`) is worth a signature. Proves nothing. */
export const ProbePublicKeyV1 = defineRequest({
  subject: 'asset.public-key.probe.v1',
  callers: ['session'],
  timeoutMs: 2_000,
  request: z.strictObject({ username: z.string().min(1).max(255), publicKey: Base64 }),
  reply: z.object({ acceptable: z.boolean() }),
  errors: [],
});
