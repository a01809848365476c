/**
 * Every error that may cross a process boundary, as `noun.problem`. A code, once published, is never used for something
 * else. docs/errors.md says for each what the user sees and what to do; a test keeps the two lists equal.
 */
export const errorCodes = [
  'request.invalid',
  'request.too-large',
  'resource.not-found',
  'service.unavailable',
  'service.overloaded',
  'internal',

  'access.unauthenticated',
  'access.forbidden',
  'sign-in.failed',
  'sign-in.rate-limited',
  'sign-in.code-needed',

  'connection.refused',

  'user.not-found',
  'user.exists',
  'public-key.not-found',
  'public-key.exists',
  'factor.not-found',
  'factor.exists',
  'factor.wrong-code',
  'ticket.not-found',
  'host.not-found',
  'host.exists',
  'account.not-found',
  'authorization.not-found',
  'authorization.exists',
  'host-key.not-found',
  'session.not-found',
  'session.idle',
  'session.too-long',

  'target.not-found',
  'target.ambiguous',
  'target.unreachable',
  'target.refused-credential',
  'target.unsupported',
  'policy.forbidden',
  'host-key.changed',
  'host-key.unknown',
  'host-key.unverified',

  'grant.invalid',
  'grant.expired',
  'grant.used',
  'credential.not-prepared',
  'credential.exhausted',
  'signature.refused',

  'secret.not-found',
  'secret.exists',
  'secret.deleted',
  'secret.not-deleted',
  'secret.malformed',
  'secret.user-mismatch',
  'secret.rejected',
  'secret.rotating',

  'kms.unreachable',
  'kms.unresolved',
  'kms.timeout',
  'kms.throttled',
  'kms.denied',
  'kms.key-denied',
  'kms.key-unavailable',
  'kms.clock-skew',
  'kms.credentials-rejected',
  'kms.credentials-expired',
  'kms.failed',
  'ecs.failed',

  'file.forbidden',
  'transfer.malformed',

  'audit.unavailable',
  'event.not-found',
  'checkpoint.not-found',
  'subscription.not-found',
  'subscription.exists',
  'subscription.refused',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
