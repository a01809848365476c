import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is left out of a policy has its default, and of limits there are none: rows from before stay as they were. */
export class AuthorizationPolicy1795550000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE authorizations
      ADD COLUMN policy jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(policy) = 'object'),
      ADD COLUMN limits jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object')`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
