import type { ErrorCode } from '@sallyport/contracts';

type HttpStatus = 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503 | 504;

/** The one place where errors of the domain become numbers of HTTP. Leaving one out does not compile. */
export const statusOf: Record<ErrorCode, HttpStatus> = {
  'request.invalid': 400,
  'request.too-large': 413,
  'resource.not-found': 404,
  'service.unavailable': 503,
  internal: 500,

  'access.unauthenticated': 401,
  'access.forbidden': 403,
  'sign-in.failed': 401,
  'sign-in.rate-limited': 429,
  'sign-in.code-needed': 401,

  'user.not-found': 404,
  'user.exists': 409,
  'public-key.not-found': 404,
  'public-key.exists': 409,
  'factor.not-found': 404,
  'factor.exists': 409,
  'factor.wrong-code': 403,
  'ticket.not-found': 404,
  'host.not-found': 404,
  'host.exists': 409,
  'account.not-found': 404,
  'authorization.not-found': 404,
  'authorization.exists': 409,
  'host-key.not-found': 404,
  'session.not-found': 404,

  // The path of a logon: they reach session, and the REST only if a service is mistaken.
  'target.not-found': 404,
  'target.ambiguous': 409,
  'target.unreachable': 502,
  'target.refused-credential': 502,
  'target.unsupported': 502,
  'host-key.changed': 409,
  'host-key.unknown': 409,
  'host-key.unverified': 409,
  'grant.invalid': 403,
  'grant.expired': 403,
  'grant.used': 403,
  'credential.not-prepared': 409,
  'credential.exhausted': 409,
  'signature.refused': 403,
  'session.idle': 409,
  'session.too-long': 409,

  'secret.not-found': 404,
  'secret.exists': 409,
  'secret.deleted': 409,
  'secret.not-deleted': 409,
  'secret.malformed': 422,
  'secret.user-mismatch': 409,
  'secret.rejected': 422,
  'secret.rotating': 409,

  // Sallyport's own standing with KMS, not the caller's: never 401 or 403.
  'kms.unreachable': 503,
  'kms.unresolved': 503,
  'kms.timeout': 504,
  'kms.throttled': 503,
  'kms.denied': 502,
  'kms.key-denied': 502,
  'kms.key-unavailable': 502,
  'kms.clock-skew': 502,
  'kms.credentials-rejected': 502,
  'kms.credentials-expired': 502,
  'kms.failed': 502,
  'ecs.failed': 502,

  'file.forbidden': 403,
  'transfer.malformed': 502,

  'audit.unavailable': 503,
  'event.not-found': 404,
  'checkpoint.not-found': 404,
};
