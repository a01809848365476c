import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recordings that are over wait for the store in their table, so that a store that is away holds up nothing else. */
export class RecordingsToStore1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE recording
        -- what the session said when it ended it; none where its process was lost
        ADD COLUMN ended jsonb,
        -- from when on somebody may take it into the store; null: it goes on, or is there
        ADD COLUMN store_after timestamptz;
      CREATE INDEX recording_to_store ON recording (store_after) WHERE store_after IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
