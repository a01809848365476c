import type { UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { LessThan } from 'typeorm';
import { TotpFactorEntity } from './totp-factor.entity.js';
import type { StoredTotp } from './totp.js';
import { TotpFactors } from './totp-factors.js';

export class DatabaseTotpFactors extends TotpFactors {
  constructor(private readonly database: Database) {
    super();
  }

  async of(userId: UserId): Promise<StoredTotp | undefined> {
    const row = await this.#rows.findOneBy({ userId });
    if (!row) return undefined;
    const { encryptedSecret, status, createdAt } = row;
    return { userId, encryptedSecret, status, createdAt };
  }

  async begin(factor: StoredTotp): Promise<boolean> {
    await this.#rows.delete({ userId: factor.userId, status: 'pending' });
    const inserted = await this.#rows
      .createQueryBuilder()
      .insert()
      .values({ ...factor })
      .orIgnore()
      .returning('user_id')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }

  async activate(userId: UserId): Promise<void> {
    await this.#rows.update({ userId }, { status: 'active' });
  }

  /** One statement, so of two who show the same code at once one is too late. */
  async useStep(userId: UserId, step: number): Promise<boolean> {
    const lastStep = String(step);
    const { affected } = await this.#rows.update({ userId, lastStep: LessThan(lastStep) }, { lastStep });
    return affected === 1;
  }

  async remove(userId: UserId): Promise<boolean> {
    return (await this.#rows.delete({ userId })).affected === 1;
  }

  get #rows(): Repository<TotpFactorEntity> {
    return this.database.manager.getRepository(TotpFactorEntity);
  }
}
