import { kmsErrors } from './bus/kms-errors.js';

/**
 * Every error that may cross a process boundary, as `noun.problem`. A code, once published, is never used for something
 * else. docs/errors.md says for each what the user sees and what to do; a test keeps the two lists equal.
 */
export const errorCodes = [
  'request.invalid',
  'request.too-large',
  'reply.too-large',
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
  'certificate-authority.not-found',
  'certificate-authority.exists',
  'certificate-revocation.not-found',
  'factor.not-found',
  'factor.exists',
  'factor.wrong-code',
  'ticket.not-found',
  'host.not-found',
  'host.exists',
  'account.not-found',
  'user-group.not-found',
  'user-group.exists',
  'host-group.not-found',
  'host-group.exists',
  'authorization.not-found',
  'authorization.exists',
  'host-key.not-found',
  'session.not-found',
  'session.idle',
  'session.too-long',
  'session.terminated',
  'session.revoked',
  'access.kept-out',

  'target.not-found',
  'target.ambiguous',
  'target.unreachable',
  'target.refused-credential',
  'target.refused-lately',
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

  ...kmsErrors,
  'ecs.failed',

  'file.forbidden',
  'transfer.malformed',

  'audit.unavailable',
  'recording.not-found',
  'recording.unreadable',
  'event.not-found',
  'checkpoint.not-found',
  'subscription.not-found',
  'subscription.exists',
  'subscription.refused',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
