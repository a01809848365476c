import type { UUID } from 'node:crypto';
import type { Database } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { MoreThanOrEqual } from 'typeorm';
import { FailedSignInEntity } from './failed-sign-in.entity.js';
import type { Attempt, Limits } from './failed-sign-ins.js';
import { FailedSignIns } from './failed-sign-ins.js';
import { FamiliarAddressEntity } from './familiar-address.entity.js';

export class DatabaseFailedSignIns extends FailedSignIns {
  constructor(private readonly database: Database) {
    super();
  }

  /** The locks make others who count for the same name or address wait; always name first, so nobody waits in a circle. */
  async begin(attempt: Attempt, { since, perUser, perAddress, familiarSince }: Limits): Promise<boolean> {
    const { kind, username, addressBlock } = attempt;
    return this.database.transaction(async () => {
      for (const what of [`user ${username}`, `address ${addressBlock}`])
        await this.database.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [what]);
      await this.#forgetBefore(since);
      const at = MoreThanOrEqual(since);
      const familiar = familiarSince && (await this.#isFamiliar(username, addressBlock, familiarSince));
      const ofUser = { kind, username, at, ...(familiar ? { addressBlock } : {}) };
      if ((await this.#rows.countBy(ofUser)) >= perUser) return false;
      if ((await this.#rows.countBy({ addressBlock, at })) >= perAddress) return false;
      await this.#rows.insert({ ...attempt });
      return true;
    });
  }

  async forget(id: UUID): Promise<void> {
    await this.#rows.delete({ id });
  }

  async remember(username: string, addressBlock: string, at: Date): Promise<void> {
    // Every logon comes by here: most of them must not cost a write.
    await this.database.manager.query(
      `INSERT INTO familiar_addresses AS known (username, address_block, last_seen_at) VALUES ($1, $2, $3)
       ON CONFLICT (username, address_block) DO UPDATE SET last_seen_at = excluded.last_seen_at
       WHERE known.last_seen_at < excluded.last_seen_at - interval '1 hour'`,
      [username, addressBlock, at],
    );
  }

  #isFamiliar(username: string, addressBlock: string, since: Date): Promise<boolean> {
    return this.#addresses.existsBy({ username, addressBlock, lastSeenAt: MoreThanOrEqual(since) });
  }

  /** Leaves what another transaction is forgetting just now. */
  async #forgetBefore(since: Date): Promise<void> {
    await this.database.manager.query(
      `DELETE FROM failed_sign_ins
       WHERE id IN (SELECT id FROM failed_sign_ins WHERE at < $1 FOR UPDATE SKIP LOCKED)`,
      [since],
    );
  }

  get #addresses(): Repository<FamiliarAddressEntity> {
    return this.database.manager.getRepository(FamiliarAddressEntity);
  }

  get #rows(): Repository<FailedSignInEntity> {
    return this.database.manager.getRepository(FailedSignInEntity);
  }
}
