import type { PublicKeyId, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { In } from 'typeorm';
import { PublicKeyEntity } from './public-key.entity.js';
import type { UserKey } from './public-key.js';
import { PublicKeys } from './public-keys.js';

export class DatabasePublicKeys extends PublicKeys {
  constructor(private readonly database: Database) {
    super();
  }

  async add(key: UserKey): Promise<void> {
    try {
      await this.#rows.insert({ ...key });
    } catch (error) {
      if (violatedConstraint(error) === 'public_keys_user_fingerprint_unique')
        throw new DomainError('public-key.exists', 'the user has this key already', { cause: error });
      throw error;
    }
  }

  async of(...users: UserId[]): Promise<UserKey[]> {
    const rows = await this.#rows.find({ where: { userId: In(users) }, order: { addedAt: 'ASC', id: 'ASC' } });
    return rows.map(fromRow);
  }

  async byFingerprint(userId: UserId, fingerprint: string): Promise<UserKey | undefined> {
    const row = await this.#rows.findOneBy({ userId, fingerprint });
    return row ? fromRow(row) : undefined;
  }

  async remove(userId: UserId, id: PublicKeyId): Promise<UserKey | undefined> {
    const row = await this.#rows.findOneBy({ userId, id });
    if (!row) return undefined;
    const { affected } = await this.#rows.delete({ id });
    return affected === 1 ? fromRow(row) : undefined;
  }

  get #rows(): Repository<PublicKeyEntity> {
    return this.database.manager.getRepository(PublicKeyEntity);
  }
}

const fromRow = ({ id, userId, line, fingerprint }: PublicKeyEntity): UserKey => ({ id, userId, line, fingerprint });
