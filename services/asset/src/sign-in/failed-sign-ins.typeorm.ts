import type { UUID } from 'node:crypto';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { LessThan } from 'typeorm';
import { FailedSignInEntity } from './failed-sign-in.entity.js';
import type { Attempt } from './failed-sign-ins.js';
import { FailedSignIns } from './failed-sign-ins.js';

export class DatabaseFailedSignIns extends FailedSignIns {
  constructor(private readonly database: Database) {
    super();
  }

  async begin(attempt: Attempt, since: Date): Promise<{ ofUser: number; ofAddress: number }> {
    await this.#rows.delete({ at: LessThan(since) });
    await this.#rows.insert(attempt);
    const { username, addressBlock } = attempt;
    const [ofUser, ofAddress] = await Promise.all([
      this.#rows.countBy({ username }),
      this.#rows.countBy({ addressBlock }),
    ]);
    return { ofUser, ofAddress };
  }

  async forget(id: UUID): Promise<void> {
    await this.#rows.delete({ id });
  }

  get #rows(): Repository<FailedSignInEntity> {
    return this.database.manager.getRepository(FailedSignInEntity);
  }
}
