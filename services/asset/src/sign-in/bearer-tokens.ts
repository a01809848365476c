import type { UserId } from '@sallyport/contracts';

/** Port: bearer tokens of the REST, as lower-case hex SHA-256. The tokens themselves never come here. */
export abstract class BearerTokens {
  /** Also forgets those that have expired. @throws DomainError `sign-in.failed` the hash is known already */
  abstract add(tokenHash: string, userId: UserId, expiresAt: Date, now: Date): Promise<void>;
  /** Whose token it is; undefined when it is unknown or has expired. */
  abstract owner(tokenHash: string, now: Date): Promise<UserId | undefined>;
  abstract remove(tokenHash: string): Promise<void>;
  /** All of a user. */
  abstract removeOf(userId: UserId): Promise<void>;
}
