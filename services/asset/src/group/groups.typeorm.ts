import { AuthorizationId, Group, type GroupId, GroupMember } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import { z } from 'zod';
import type { Groups } from './groups.js';

const Rows = z.array(
  z
    .object({ id: z.string(), name: z.string(), comment: z.string().nullable() })
    .transform(({ comment, ...rest }) => Group.parse({ ...rest, ...(comment !== null && { comment }) })),
);
const Members = z.array(GroupMember);

/** Both kinds of groups are stored alike: the tables differ in their names alone. */
class DatabaseGroups implements Groups {
  constructor(
    private readonly database: Database,
    private readonly kind: 'user' | 'host',
    private readonly nameOfMember: 'username' | 'name',
  ) {}

  async add({ id, name, comment }: Group): Promise<void> {
    await this.#named(`INSERT INTO ${this.kind}_groups (id, name, comment) VALUES ($1, $2, $3)`, [id, name, comment]);
  }

  async save({ id, name, comment }: Group): Promise<void> {
    await this.#named(`UPDATE ${this.kind}_groups SET name = $2, comment = $3 WHERE id = $1`, [id, name, comment]);
  }

  async require(id: GroupId, forUpdate = false): Promise<Group> {
    const lock = forUpdate ? 'FOR UPDATE' : '';
    const rows = await this.#query(`SELECT id, name, comment FROM ${this.kind}_groups WHERE id = $1 ${lock}`, [id]);
    const [group] = Rows.parse(rows);
    if (!group) throw new DomainError(`${this.kind}-group.not-found`, 'there is no such group');
    return group;
  }

  async after(name: string | undefined, limit: number, memberId?: string): Promise<Group[]> {
    const rows = await this.#query(
      `SELECT id, name, comment FROM ${this.kind}_groups
       WHERE ($1::text IS NULL OR name > ($1 COLLATE "C"))
         AND ($3::uuid IS NULL OR id IN (SELECT group_id FROM ${this.kind}_group_members WHERE member_id = $3))
       ORDER BY name LIMIT $2`,
      [name, limit, memberId],
    );
    return Rows.parse(rows);
  }

  async remove(id: GroupId): Promise<{ members: number; authorizationIds: AuthorizationId[] }> {
    const members = await this.#query(
      `SELECT count(*)::int AS count FROM ${this.kind}_group_members WHERE group_id = $1`,
      [id],
    );
    const authorizations = await this.#query(
      `SELECT id FROM authorizations WHERE ${this.kind}_group_id = $1 ORDER BY id`,
      [id],
    );
    await this.#query(`DELETE FROM ${this.kind}_groups WHERE id = $1`, [id]);
    return {
      members: z.tuple([z.object({ count: z.int() })]).parse(members)[0].count,
      authorizationIds: z
        .array(z.object({ id: AuthorizationId }))
        .parse(authorizations)
        .map((row) => row.id),
    };
  }

  async membersAfter(id: GroupId, name: string | undefined, limit: number): Promise<GroupMember[]> {
    const rows = await this.#query(
      `SELECT m.id, m.${this.nameOfMember} AS name
       FROM ${this.kind}s m JOIN ${this.kind}_group_members g ON g.member_id = m.id
       WHERE g.group_id = $1 AND ($2::text IS NULL OR m.${this.nameOfMember} > ($2 COLLATE "C"))
       ORDER BY name LIMIT $3`,
      [id, name, limit],
    );
    return Members.parse(rows);
  }

  async addMember(id: GroupId, memberId: string): Promise<boolean> {
    try {
      const added = await this.#query(
        `INSERT INTO ${this.kind}_group_members (group_id, member_id) VALUES ($1, $2)
         ON CONFLICT DO NOTHING RETURNING member_id`,
        [id, memberId],
      );
      return added.length > 0;
    } catch (error) {
      if (violatedConstraint(error) !== `${this.kind}_group_members_member_exists`) throw error;
      throw new DomainError(`${this.kind}.not-found`, `there is no such ${this.kind}`, { cause: error });
    }
  }

  async removeMember(id: GroupId, memberId: string): Promise<void> {
    const removed = await this.#query(
      `WITH removed AS (DELETE FROM ${this.kind}_group_members WHERE group_id = $1 AND member_id = $2 RETURNING member_id)
       SELECT member_id FROM removed`,
      [id, memberId],
    );
    if (removed.length === 0)
      throw new DomainError(`${this.kind}.not-found`, `the group has no such ${this.kind} in it`);
  }

  async #named(statement: string, values: unknown[]): Promise<void> {
    try {
      await this.#query(statement, values);
    } catch (error) {
      if (violatedConstraint(error) !== `${this.kind}_groups_name_unique`) throw error;
      throw new DomainError(`${this.kind}-group.exists`, 'another group has this name', { cause: error });
    }
  }

  #query(statement: string, values: unknown[]): Promise<unknown[]> {
    return this.database.manager.query(
      statement,
      values.map((value) => value ?? null),
    );
  }
}

export class DatabaseUserGroups extends DatabaseGroups {
  constructor(database: Database) {
    super(database, 'user', 'username');
  }
}

export class DatabaseHostGroups extends DatabaseGroups {
  constructor(database: Database) {
    super(database, 'host', 'name');
  }
}
