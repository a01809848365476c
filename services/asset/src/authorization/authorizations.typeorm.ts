import type { Authorization, UserId } from '@sallyport/contracts';
import { AuthorizationId, HostId, ProtocolPolicy, SessionLimits } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { In } from 'typeorm';
import { z } from 'zod';
import { AuthorizationEntity, AuthorizedAccountEntity } from './authorization.entity.js';
import type { AuthorizationFilter } from './authorizations.js';
import { Authorizations } from './authorizations.js';

/** What each condition of a filter means; a user and a host are also in their groups. */
const CONDITIONS: Record<keyof AuthorizationFilter, string> = {
  userId:
    'z.user_id = :userId OR z.user_group_id IN (SELECT group_id FROM user_group_members WHERE member_id = :userId)',
  userGroupId: 'z.user_group_id = :userGroupId',
  hostId:
    'z.host_id = :hostId OR z.host_group_id IN (SELECT group_id FROM host_group_members WHERE member_id = :hostId)',
  hostGroupId: 'z.host_group_id = :hostGroupId',
};
const Reach = z.array(z.object({ authorization_id: AuthorizationId, host_id: HostId }));

export class DatabaseAuthorizations extends Authorizations {
  constructor(private readonly database: Database) {
    super();
  }

  async add({ accountIds, validFrom, validUntil, ...rest }: Authorization): Promise<void> {
    const { userId = null, userGroupId = null, hostId = null, hostGroupId = null } = rest;
    const row = {
      ...rest,
      ...{ userId, userGroupId, hostId, hostGroupId },
      allAccounts: accountIds === undefined,
      ...period({ validFrom, validUntil }),
    };
    const accounts = (accountIds ?? []).map((accountId) => ({ authorizationId: rest.id, accountId }));
    try {
      await this.#rows.insert(row);
      await this.database.manager.insert(AuthorizedAccountEntity, accounts);
    } catch (error) {
      throw missing(error) ?? error;
    }
  }

  async of(userId: UserId, hostIds: readonly HostId[]): Promise<ReadonlyMap<HostId, Authorization[]>> {
    const reach = Reach.parse(
      await this.database.manager.query(
        'SELECT authorization_id, host_id FROM authorization_reach WHERE user_id = $1 AND host_id = ANY($2)',
        [userId, hostIds],
      ),
    );
    const rows = await this.#rows.find({
      where: { id: In(reach.map((one) => one.authorization_id)) },
      relations: { accounts: true },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    const reaches = (row: AuthorizationEntity, hostId: HostId): boolean =>
      reach.some((one) => one.host_id === hostId && one.authorization_id === row.id);
    return new Map(hostIds.map((hostId) => [hostId, rows.filter((row) => reaches(row, hostId)).map(fromRow)]));
  }

  async after(id: AuthorizationId | undefined, limit: number, filter: AuthorizationFilter): Promise<Authorization[]> {
    const rows = this.#rows
      .createQueryBuilder('z')
      .leftJoinAndSelect('z.accounts', 'account')
      .orderBy('z.id')
      .take(limit);
    if (id !== undefined) rows.andWhere('z.id > :id', { id });
    for (const [name, condition] of Object.entries(CONDITIONS)) {
      const value = filter[name as keyof AuthorizationFilter];
      if (value !== undefined) rows.andWhere(`(${condition})`, { [name]: value });
    }
    return (await rows.getMany()).map(fromRow);
  }

  async forUpdate(id: AuthorizationId): Promise<Authorization | undefined> {
    // The row alone: a join cannot be locked where its other side may be absent.
    const locked = await this.#rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    const row = locked && (await this.#rows.findOne({ where: { id }, relations: { accounts: true } }));
    return row ? fromRow(row) : undefined;
  }

  async save({ id, validFrom, validUntil, policy, limits }: Authorization): Promise<void> {
    await this.#rows.update({ id }, { ...period({ validFrom, validUntil }), policy, limits });
  }

  async remove(id: AuthorizationId): Promise<Authorization | undefined> {
    const row = await this.#rows.findOne({ where: { id }, relations: { accounts: true } });
    if (!row) return undefined;
    const { affected } = await this.#rows.delete({ id });
    return affected === 1 ? fromRow(row) : undefined;
  }

  get #rows(): Repository<AuthorizationEntity> {
    return this.database.manager.getRepository(AuthorizationEntity);
  }
}

function period({ validFrom, validUntil }: Pick<Authorization, 'validFrom' | 'validUntil'>) {
  const toDate = (instant: string | undefined): Date | null => (instant === undefined ? null : new Date(instant));
  return { validFrom: toDate(validFrom), validUntil: toDate(validUntil) };
}

function fromRow(row: AuthorizationEntity): Authorization {
  const { id, userId, userGroupId, hostId, hostGroupId, allAccounts, accounts, validFrom, validUntil, policy, limits } =
    row;
  return {
    id,
    ...(userId && { userId }),
    ...(userGroupId && { userGroupId }),
    ...(hostId && { hostId }),
    ...(hostGroupId && { hostGroupId }),
    ...(allAccounts ? {} : { accountIds: accounts.map((account) => account.accountId).sort() }),
    ...(validFrom ? { validFrom: validFrom.toISOString() } : {}),
    ...(validUntil ? { validUntil: validUntil.toISOString() } : {}),
    policy: ProtocolPolicy.parse(policy),
    limits: SessionLimits.parse(limits),
  };
}

/** What it names was deleted this very moment. */
function missing(error: unknown): DomainError | undefined {
  switch (violatedConstraint(error)) {
    case 'authorizations_user_exists':
      return new DomainError('user.not-found', 'there is no such user', { cause: error });
    case 'authorizations_user_group_exists':
      return new DomainError('user-group.not-found', 'there is no such group', { cause: error });
    case 'authorizations_host_group_exists':
      return new DomainError('host-group.not-found', 'there is no such group', { cause: error });
    case 'authorizations_host_exists':
      return new DomainError('host.not-found', 'there is no such host', { cause: error });
    case 'authorized_accounts_account_exists':
      return new DomainError('account.not-found', 'the host has no such account', { cause: error });
    default:
      return undefined;
  }
}
