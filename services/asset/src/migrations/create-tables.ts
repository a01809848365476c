import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names sort by their bytes (COLLATE "C"), whatever the server's locale, since cursors depend on the order. */
const STATEMENTS = [
  `CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text COLLATE "C" NOT NULL,
    password_hash text,
    roles text[] NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'locked')),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE UNIQUE INDEX users_username_unique ON users (lower(username))`,
  `CREATE INDEX users_username ON users (username)`,

  `CREATE TABLE public_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    line text NOT NULL,
    fingerprint text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT public_keys_user_fingerprint_unique UNIQUE (user_id, fingerprint)
  )`,

  `CREATE TABLE used_evidence (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    used_at timestamptz NOT NULL DEFAULT now()
  )`,

  `CREATE TABLE bearer_tokens (
    token_hash text PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX bearer_tokens_user ON bearer_tokens (user_id)`,
  `CREATE INDEX bearer_tokens_expiry ON bearer_tokens (expires_at)`,

  `CREATE TABLE failed_sign_ins (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    address_block text NOT NULL,
    at timestamptz NOT NULL
  )`,
  `CREATE INDEX failed_sign_ins_username ON failed_sign_ins (username)`,
  `CREATE INDEX failed_sign_ins_address ON failed_sign_ins (address_block)`,
  `CREATE INDEX failed_sign_ins_at ON failed_sign_ins (at)`,

  `CREATE TABLE hosts (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    instance_id text NOT NULL,
    region_id text NOT NULL,
    address text NOT NULL,
    port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    os_type text NOT NULL CHECK (os_type IN ('linux', 'windows')),
    status text NOT NULL CHECK (status IN ('active', 'missing')),
    source text NOT NULL CHECK (source IN ('ecs')),
    cloud_name text NOT NULL,
    cloud_address text NOT NULL,
    cloud_port integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT hosts_instance_unique UNIQUE (region_id, instance_id)
  )`,
  `CREATE UNIQUE INDEX hosts_name_unique ON hosts (lower(name))`,
  `CREATE INDEX hosts_name ON hosts (name)`,
  `CREATE INDEX hosts_instance ON hosts (instance_id)`,
  `CREATE INDEX hosts_address ON hosts (address)`,

  `CREATE TABLE host_keys (
    host_id uuid NOT NULL REFERENCES hosts ON DELETE CASCADE,
    fingerprint text NOT NULL,
    type text NOT NULL,
    public_key text NOT NULL,
    source text NOT NULL CHECK (source IN ('first-use', 'administrator')),
    pinned_at timestamptz NOT NULL,
    PRIMARY KEY (host_id, fingerprint)
  )`,
  // Pinning holds the host's row; this makes sure of it: nobody is believed twice without having been known.
  `CREATE UNIQUE INDEX host_keys_first_use_unique ON host_keys (host_id) WHERE source = 'first-use'`,

  `CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    host_id uuid NOT NULL REFERENCES hosts ON DELETE CASCADE,
    secret_name text COLLATE "C" NOT NULL,
    region_id text NOT NULL,
    user_name text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('password', 'ssh-key')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT accounts_secret_unique UNIQUE (host_id, secret_name)
  )`,

  `CREATE TABLE authorizations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT authorizations_user_exists REFERENCES users ON DELETE CASCADE,
    host_id uuid NOT NULL CONSTRAINT authorizations_host_exists REFERENCES hosts ON DELETE CASCADE,
    all_accounts boolean NOT NULL,
    valid_from timestamptz,
    valid_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (valid_from < valid_until)
  )`,
  `CREATE INDEX authorizations_user ON authorizations (user_id, host_id)`,
  `CREATE INDEX authorizations_host ON authorizations (host_id)`,

  `CREATE TABLE authorized_accounts (
    authorization_id uuid NOT NULL REFERENCES authorizations ON DELETE CASCADE,
    account_id uuid NOT NULL CONSTRAINT authorized_accounts_account_exists REFERENCES accounts ON DELETE CASCADE,
    PRIMARY KEY (authorization_id, account_id)
  )`,
  `CREATE INDEX authorized_accounts_account ON authorized_accounts (account_id)`,
];

export class CreateTables1795456000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
