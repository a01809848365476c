import type { Database } from '@sallyport/postgres';
import { UsedEvidence } from './used-evidence.js';

export class DatabaseUsedEvidence extends UsedEvidence {
  constructor(private readonly database: Database) {
    super();
  }

  /** Waits for another transaction that has claimed the digest and not ended yet. */
  async claim(digest: Buffer): Promise<boolean> {
    // On its own it is one round trip; the query builder would put a transaction around it.
    const inserted = await this.database.manager.query<unknown[]>(
      'INSERT INTO used_evidence (digest) VALUES ($1) ON CONFLICT DO NOTHING RETURNING digest',
      [digest],
    );
    return inserted.length === 1;
  }
}
