import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hosts from before go on as they did. */
export class HostKeyModes1795570000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE hosts
      ADD COLUMN host_key_mode text NOT NULL DEFAULT 'pin-on-first-use'
      CHECK (host_key_mode IN ('pin-on-first-use', 'approve', 'pre-loaded'))`);
    await runner.query(`CREATE TABLE host_key_candidates (
      host_id uuid NOT NULL REFERENCES hosts ON DELETE CASCADE,
      fingerprint text NOT NULL,
      type text NOT NULL,
      public_key text NOT NULL,
      seen_at timestamptz NOT NULL,
      session_id uuid NOT NULL,
      user_id uuid NOT NULL,
      PRIMARY KEY (host_id, fingerprint)
    )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
