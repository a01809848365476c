import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the secret of each account stood in KMS when it was looked at last. Nothing is known of those from before. */
export class SecretStates1795580000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE accounts
      ADD COLUMN secret_state text NOT NULL DEFAULT 'unknown'
      CHECK (secret_state IN ('ok', 'rotation-failed', 'deletion-planned', 'gone', 'unknown'))`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
