import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Groups of users and of hosts, and authorizations that name a group where they named one user or one host. */
const STATEMENTS = [
  ...['user', 'host'].flatMap((kind) => [
    `CREATE TABLE ${kind}_groups (
      id uuid PRIMARY KEY,
      name text COLLATE "C" NOT NULL,
      comment text,
      created_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE UNIQUE INDEX ${kind}_groups_name_unique ON ${kind}_groups (lower(name))`,
    `CREATE INDEX ${kind}_groups_name ON ${kind}_groups (name)`,
    `CREATE TABLE ${kind}_group_members (
      group_id uuid NOT NULL CONSTRAINT ${kind}_group_members_group_exists REFERENCES ${kind}_groups ON DELETE CASCADE,
      member_id uuid NOT NULL CONSTRAINT ${kind}_group_members_member_exists REFERENCES ${kind}s ON DELETE CASCADE,
      PRIMARY KEY (group_id, member_id)
    )`,
    `CREATE INDEX ${kind}_group_members_member ON ${kind}_group_members (member_id)`,
    `ALTER TABLE authorizations
      ALTER COLUMN ${kind}_id DROP NOT NULL,
      ADD COLUMN ${kind}_group_id uuid
        CONSTRAINT authorizations_${kind}_group_exists REFERENCES ${kind}_groups ON DELETE CASCADE,
      ADD CONSTRAINT authorizations_one_${kind} CHECK (num_nonnulls(${kind}_id, ${kind}_group_id) = 1)`,
    `CREATE INDEX authorizations_${kind}_group ON authorizations (${kind}_group_id)`,
  ]),
  // Whom each authorization is for, and where. In parts, each of which has its index.
  `CREATE VIEW authorization_reach AS
    SELECT z.id AS authorization_id, z.user_id, z.host_id
      FROM authorizations z WHERE z.user_id IS NOT NULL AND z.host_id IS NOT NULL
    UNION ALL
    SELECT z.id, u.member_id, z.host_id
      FROM authorizations z JOIN user_group_members u ON u.group_id = z.user_group_id WHERE z.host_id IS NOT NULL
    UNION ALL
    SELECT z.id, z.user_id, h.member_id
      FROM authorizations z JOIN host_group_members h ON h.group_id = z.host_group_id WHERE z.user_id IS NOT NULL
    UNION ALL
    SELECT z.id, u.member_id, h.member_id
      FROM authorizations z
      JOIN user_group_members u ON u.group_id = z.user_group_id
      JOIN host_group_members h ON h.group_id = z.host_group_id`,
];

export class Groups1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore the backup'));
  }
}
