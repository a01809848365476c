import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which process a session is in, when that last answered, and when its end was told of in its place. */
export class LostSessions1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE session
        ADD COLUMN replica uuid,
        ADD COLUMN told_lost_at timestamptz;
      CREATE INDEX session_in_process ON session (replica)
        WHERE replica IS NOT NULL AND closed_sequence IS NULL;
      CREATE TABLE session_process (
        replica uuid PRIMARY KEY,
        seen_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
