import type { UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { ArrayContains, IsNull, MoreThan, Not } from 'typeorm';
import { UserEntity } from './user.entity.js';
import type { StoredUser } from './user.js';
import { Users } from './users.js';

/** Any number that nobody else locks in our database; "USER" in ASCII. */
const FIRST_USER_LOCK = 0x55_53_45_52;
/** "ADMI" in ASCII. */
const LAST_ADMINISTRATOR_LOCK = 0x41_44_4d_49;

export class DatabaseUsers extends Users {
  constructor(private readonly database: Database) {
    super();
  }

  async add(user: StoredUser): Promise<void> {
    try {
      await this.#rows.insert(toRow(user));
    } catch (error) {
      if (violatedConstraint(error) === 'users_username_unique')
        throw new DomainError('user.exists', 'a user has this name already', { cause: error });
      throw error;
    }
  }

  async byId(id: UserId, forUpdate = false): Promise<StoredUser | undefined> {
    return fromRow(
      await this.#rows.findOne({ where: { id }, ...(forUpdate ? { lock: { mode: 'pessimistic_write' } } : {}) }),
    );
  }

  async byName(username: string): Promise<StoredUser | undefined> {
    return fromRow(
      await this.#rows
        .createQueryBuilder('u')
        .where('lower(u.username) = lower(:username) AND u.username = :username', { username })
        .getOne(),
    );
  }

  async save(user: StoredUser): Promise<void> {
    const { id, passwordHash, roles, status, ...row } = toRow(user);
    const { validFrom, validUntil, allowedAddresses, logonHours } = row;
    const rules = { validFrom, validUntil, allowedAddresses, logonHours };
    await this.#rows.update({ id }, { passwordHash, roles, status, ...rules });
  }

  async remove(id: UserId): Promise<void> {
    await this.#rows.delete({ id });
  }

  async after(username: string | undefined, limit: number): Promise<StoredUser[]> {
    const rows = await this.#rows.find({
      ...(username === undefined ? {} : { where: { username: MoreThan(username) } }),
      order: { username: 'ASC' },
      take: limit,
    });
    return rows.map(fromExistingRow);
  }

  async otherAdministrator(than: UserId): Promise<boolean> {
    await this.database.manager.query(`SELECT pg_advisory_xact_lock(${LAST_ADMINISTRATOR_LOCK})`);
    const unrestricted = {
      validFrom: IsNull(),
      validUntil: IsNull(),
      allowedAddresses: IsNull(),
      logonHours: IsNull(),
    };
    const administrator = { status: 'active', roles: ArrayContains(['bastion-admin']) } as const;
    return this.#rows.existsBy({ id: Not(than), ...administrator, ...unrestricted });
  }

  async none(): Promise<boolean> {
    await this.database.manager.query(`SELECT pg_advisory_xact_lock(${FIRST_USER_LOCK})`);
    return !(await this.#rows.exists());
  }

  get #rows(): Repository<UserEntity> {
    return this.database.manager.getRepository(UserEntity);
  }
}

const toDate = (instant: string | undefined): Date | null => (instant === undefined ? null : new Date(instant));
const toRow = ({ id, username, roles, status, ...user }: StoredUser): UserEntity => ({
  id,
  username,
  roles,
  status,
  passwordHash: user.passwordHash ?? null,
  validFrom: toDate(user.validFrom),
  validUntil: toDate(user.validUntil),
  allowedAddresses: user.allowedAddresses ?? null,
  logonHours: user.logonHours ?? null,
});
const fromRow = (row: UserEntity | null): StoredUser | undefined => (row ? fromExistingRow(row) : undefined);
function fromExistingRow({ id, username, roles, status, ...row }: UserEntity): StoredUser {
  return {
    id,
    username,
    roles,
    status,
    passwordHash: row.passwordHash ?? undefined,
    validFrom: row.validFrom?.toISOString(),
    validUntil: row.validUntil?.toISOString(),
    allowedAddresses: row.allowedAddresses ?? undefined,
    logonHours: row.logonHours ?? undefined,
  };
}
