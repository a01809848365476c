import { z } from 'zod';

/** Small shapes that several messages use. */
export const Port = z.int().min(1).max(65_535);
export const Role = z.enum(['secret-admin', 'bastion-admin', 'operator', 'auditor']);
export type Role = z.infer<typeof Role>;
/** Standard base64 with padding. */
export const Base64 = z.base64().max(65_536);
/** `SHA256:` and the unpadded base64 of the hash of the key blob (RFC 4253 section 6.6), as OpenSSH prints it. */
export const Fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);
/** A compact JWS; what it may claim is in tokens.ts. */
export const Token = z.string().max(16_384);
/** Identity token of the person who asks, see IdentityClaims. */
export const Actor = Token;
/** IPv4 or IPv6 address of a client, as text. */
export const ClientAddress = z.string().min(2).max(64);
/** What a human typed as a name of a user; checked again, and compared whole, by `asset`. */
export const Username = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "." and "-", not starting with "." or "-"');
/** HPKE (RFC 9180, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM): encapsulated key and ciphertext. */
export const Sealed = z.strictObject({ enc: Base64, ciphertext: Base64 });
export type Sealed = z.infer<typeof Sealed>;
/** Six digits (RFC 6238); people copy them with a space in the middle. */
export const OneTimeCode = z.string().regex(/^\d{3} ?\d{3}$/, 'six digits');
/**
 * How a host's first key is believed. `pin-on-first-use`: whatever the first logon meets. `approve`: the first logons end, and an
 * administrator approves what they met. `pre-loaded`: only keys that an administrator put.
 */
export const HostKeyMode = z.enum(['pin-on-first-use', 'approve', 'pre-loaded']);
export type HostKeyMode = z.infer<typeof HostKeyMode>;
export const CredentialKind = z.enum(['password', 'ssh-key']);
export type CredentialKind = z.infer<typeof CredentialKind>;
export const Instant = z.iso.datetime();

/** Cursor paging: `cursor` is opaque text from the previous answer. */
export const PageRequest = z.strictObject({
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional().describe('The nextCursor of the page before.'),
});
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().optional().describe('There when more follows: pass it as cursor.'),
  });

export const Empty = z.object({});
