import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules for logons on users; second factors; tickets; and failed proofs told apart by what was tried. */
const STATEMENTS = [
  `ALTER TABLE users
    ADD valid_from timestamptz,
    ADD valid_until timestamptz,
    ADD allowed_addresses text[] CHECK (cardinality(allowed_addresses) > 0),
    ADD logon_hours jsonb,
    ADD CHECK (valid_from < valid_until)`,

  `CREATE TABLE totp_factors (
    user_id uuid PRIMARY KEY CONSTRAINT totp_factors_user_exists REFERENCES users ON DELETE CASCADE,
    encrypted_secret bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'active')),
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
  )`,

  `CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    ticket_hash text NOT NULL CONSTRAINT tickets_hash_unique UNIQUE,
    user_id uuid NOT NULL CONSTRAINT tickets_user_exists REFERENCES users ON DELETE CASCADE,
    host_id uuid CONSTRAINT tickets_host_exists REFERENCES hosts ON DELETE CASCADE,
    account_id uuid CONSTRAINT tickets_account_exists REFERENCES accounts ON DELETE CASCADE,
    uses integer NOT NULL CHECK (uses > 0),
    uses_left integer NOT NULL CHECK (uses_left BETWEEN 0 AND uses),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX tickets_user ON tickets (user_id)`,
  `CREATE INDEX tickets_expiry ON tickets (expires_at)`,

  `ALTER TABLE failed_sign_ins ADD kind text NOT NULL DEFAULT 'password' CHECK (kind IN ('password', 'code'))`,

  `CREATE TABLE familiar_addresses (
    username text NOT NULL,
    address_block text NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (username, address_block)
  )`,
  `CREATE INDEX familiar_addresses_last_seen ON familiar_addresses (last_seen_at)`,
];

export class LogonRules1795560000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
