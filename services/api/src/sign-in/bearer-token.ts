import { createHash, randomBytes } from 'node:crypto';

/** `sp_` tells scanners of leaked secrets what it is; then 256 random bits in base64url. */
const form = /^sp_[A-Za-z0-9_-]{43}$/;

export function makeToken(): string {
  return `sp_${randomBytes(32).toString('base64url')}`;
}

/** Lower-case hex SHA-256: all that leaves this process of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The token of an `Authorization` header (RFC 6750 section 2.1); undefined when it cannot be one of ours. */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return token !== undefined && form.test(token) ? token : undefined;
}
