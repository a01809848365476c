import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose a session is, by the grant that it was opened with: not by what its process says. No foreign keys: they may all be gone. */
const STATEMENTS = [
  `CREATE TABLE granted_sessions (
    session_id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    host_id uuid NOT NULL,
    account_id uuid NOT NULL,
    fingerprint text,
    granted_at timestamptz NOT NULL
  )`,
  'CREATE INDEX granted_sessions_age ON granted_sessions (granted_at)',
];

export class GrantedSessions1795630000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
