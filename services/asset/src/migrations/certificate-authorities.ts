import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authorities whose certificates users may log on with. A revocation names its authority by key, and so outlives it. */
const STATEMENTS = [
  `CREATE TABLE certificate_authorities (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    line text NOT NULL,
    fingerprint text NOT NULL CONSTRAINT certificate_authorities_fingerprint_unique UNIQUE,
    added_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE certificate_revocations (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    serial text,
    key_id text,
    revoked_at timestamptz NOT NULL,
    CHECK (num_nonnulls(serial, key_id) = 1)
  )`,
  `ALTER TABLE granted_sessions ADD certificate jsonb`,
  `CREATE UNIQUE INDEX certificate_revocations_serial ON certificate_revocations (authority, serial)`,
  `CREATE UNIQUE INDEX certificate_revocations_key_id ON certificate_revocations (authority, key_id)`,
];

export class CertificateAuthorities1795640000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
