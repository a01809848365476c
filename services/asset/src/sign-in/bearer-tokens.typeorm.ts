import type { UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { MoreThan } from 'typeorm';
import { BearerTokenEntity } from './bearer-token.entity.js';
import { BearerTokens } from './bearer-tokens.js';

export class DatabaseBearerTokens extends BearerTokens {
  constructor(private readonly database: Database) {
    super();
  }

  async add(tokenHash: string, userId: UserId, expiresAt: Date, now: Date): Promise<void> {
    // Leaves what another transaction is forgetting just now.
    await this.database.manager.query(
      `DELETE FROM bearer_tokens
       WHERE token_hash IN (SELECT token_hash FROM bearer_tokens WHERE expires_at <= $1 FOR UPDATE SKIP LOCKED)`,
      [now],
    );
    try {
      await this.#rows.insert({ tokenHash, userId, expiresAt });
    } catch (error) {
      // Another's token, or a user who was deleted this very moment.
      if (violatedConstraint(error) !== undefined)
        throw new DomainError('sign-in.failed', 'sign in again', { cause: error });
      throw error;
    }
  }

  async owner(tokenHash: string, now: Date): Promise<UserId | undefined> {
    return (await this.#rows.findOneBy({ tokenHash, expiresAt: MoreThan(now) }))?.userId;
  }

  async remove(tokenHash: string): Promise<void> {
    await this.#rows.delete({ tokenHash });
  }

  async removeOf(userId: UserId): Promise<void> {
    await this.#rows.delete({ userId });
  }

  get #rows(): Repository<BearerTokenEntity> {
    return this.database.manager.getRepository(BearerTokenEntity);
  }
}
