import { type RequestContract, type SessionId, TokenRefused } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';

/**
 * What a verification gives; when the token does not hold, that is on record before it is refused.
 * @param about the request that carried the token, and the session it named
 * @throws DomainError as the verification did; `audit.unavailable`
 */
export async function recordRefusedToken<T>(
  audit: AuditPublisher,
  about: { contract: Pick<RequestContract, 'subject'>; sessionId?: SessionId },
  verification: Promise<T>,
): Promise<T> {
  try {
    return await verification;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { contract, ...session } = about;
    const reason = `${error.message}${verifierCode(error.cause)}`;
    await audit.publish(TokenRefused, { operation: contract.subject, code: error.code, reason, ...session });
    throw error;
  }
}

/** The fixed code of the token library, such as `ERR_JWT_EXPIRED`; its message may quote the token. */
function verifierCode(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return '';
  return /^ERR_J[A-Z_]+$/.test(cause.code) ? ` (${cause.code})` : '';
}
