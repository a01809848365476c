import type { Authorization, AuthorizationId, HostId, UserId } from '@sallyport/contracts';
import { ProtocolPolicy, SessionLimits } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { In, MoreThan } from 'typeorm';
import { AuthorizationEntity, AuthorizedAccountEntity } from './authorization.entity.js';
import type { AuthorizationFilter } from './authorizations.js';
import { Authorizations } from './authorizations.js';

export class DatabaseAuthorizations extends Authorizations {
  constructor(private readonly database: Database) {
    super();
  }

  async add({ accountIds, validFrom, validUntil, ...rest }: Authorization): Promise<void> {
    const row = {
      ...rest,
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

  async of(userId: UserId, hostIds: readonly HostId[]): Promise<Authorization[]> {
    const rows = await this.#rows.find({
      where: { userId, hostId: In(hostIds) },
      relations: { accounts: true },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    return rows.map(fromRow);
  }

  async after(id: AuthorizationId | undefined, limit: number, filter: AuthorizationFilter): Promise<Authorization[]> {
    const rows = await this.#rows.find({
      where: {
        ...(id === undefined ? {} : { id: MoreThan(id) }),
        ...(filter.userId === undefined ? {} : { userId: filter.userId }),
        ...(filter.hostId === undefined ? {} : { hostId: filter.hostId }),
      },
      relations: { accounts: true },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(fromRow);
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
  const { id, userId, hostId, allAccounts, accounts, validFrom, validUntil, policy, limits } = row;
  return {
    id,
    userId,
    hostId,
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
    case 'authorizations_host_exists':
      return new DomainError('host.not-found', 'there is no such host', { cause: error });
    case 'authorized_accounts_account_exists':
      return new DomainError('account.not-found', 'the host has no such account', { cause: error });
    default:
      return undefined;
  }
}
