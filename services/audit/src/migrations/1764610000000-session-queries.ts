import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions are found by host and account as well. */
export class SessionQueries1764610000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX session_by_host ON session (host_id, opened_sequence);
      CREATE INDEX session_by_account ON session (account_id, opened_sequence);
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
