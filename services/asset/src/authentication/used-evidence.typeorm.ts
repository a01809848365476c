import type { Database } from '@sallyport/postgres';
import { UsedEvidenceEntity } from './used-evidence.entity.js';
import { UsedEvidence } from './used-evidence.js';

export class DatabaseUsedEvidence extends UsedEvidence {
  constructor(private readonly database: Database) {
    super();
  }

  /** Waits for another transaction that has claimed the digest and not ended yet. */
  async claim(digest: Buffer): Promise<boolean> {
    const inserted = await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(UsedEvidenceEntity)
      .values({ digest })
      .orIgnore()
      .returning('digest')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }
}
