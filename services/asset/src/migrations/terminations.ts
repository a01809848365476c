import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions that somebody ended, and users who are kept out for it. */
const STATEMENTS = [
  `CREATE TABLE terminations (
    session_id uuid PRIMARY KEY,
    reason text NOT NULL,
    keep_out_seconds integer CHECK (keep_out_seconds > 0),
    requested_at timestamptz NOT NULL
  )`,
  `CREATE TABLE kept_out_users (
    user_id uuid PRIMARY KEY CONSTRAINT kept_out_users_user_exists REFERENCES users ON DELETE CASCADE,
    until timestamptz NOT NULL
  )`,
];

export class Terminations1795590000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
