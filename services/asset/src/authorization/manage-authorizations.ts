import { randomUUID } from 'node:crypto';
import type { Authorization, CreateAuthorizationV1, RequestOf, UserId } from '@sallyport/contracts';
import {
  AuthorizationCreated,
  AuthorizationDeleted,
  AuthorizationId,
  AuthorizationUpdated,
  ProtocolPolicy,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Accounts, StoredAccount } from '../account/accounts.js';
import type { HostGroups, UserGroups } from '../group/groups.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import { requireUser } from '../user/require-user.js';
import type { Users } from '../user/users.js';
import { checkParties, checkValidity } from './authorization.js';
import type { AuthorizationChange } from './change-authorization.js';
import { changeAuthorization, inUtc } from './change-authorization.js';
import type { AuthorizationFilter, Authorizations } from './authorizations.js';

export type Permission = Omit<RequestOf<typeof CreateAuthorizationV1>, 'actor'>;

/** An administrator permits users to use accounts of hosts, and takes that back. */
export class ManageAuthorizations {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly userGroups: UserGroups,
    private readonly hosts: Hosts,
    private readonly hostGroups: HostGroups,
    private readonly accounts: Accounts,
    private readonly authorizations: Authorizations,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `request.invalid` the cursor is not one of ours */
  list(options: PageOptions, filter: AuthorizationFilter): Promise<Page<Authorization>> {
    return page(
      options,
      (id, limit) => this.authorizations.after(checkedId(id), limit, filter),
      (authorization) => authorization.id,
    );
  }

  /**
   * @throws DomainError `user.not-found`, `user-group.not-found`, `host.not-found`, `host-group.not-found`, `account.not-found`,
   *   `request.invalid` (never valid, or not one of each pair), `audit.unavailable`
   */
  async create(actorId: UserId, permission: Permission): Promise<Authorization> {
    checkParties(permission);
    checkValidity(permission);
    const { userId, userGroupId, hostId, hostGroupId, accountIds, validFrom, validUntil, policy, limits } = permission;
    const authorization: Authorization = {
      id: AuthorizationId.parse(randomUUID()),
      ...(userId && { userId }),
      ...(userGroupId && { userGroupId }),
      ...(hostId && { hostId }),
      ...(hostGroupId && { hostGroupId }),
      ...(accountIds === undefined ? {} : { accountIds: [...new Set(accountIds)].sort() }),
      ...(validFrom === undefined ? {} : { validFrom: inUtc(validFrom) }),
      ...(validUntil === undefined ? {} : { validUntil: inUtc(validUntil) }),
      policy: policy ?? ProtocolPolicy.parse({}),
      limits: limits ?? {},
    };
    await this.transaction.run(async () => {
      if (userId) await requireUser(this.users, userId);
      if (userGroupId) await this.userGroups.require(userGroupId);
      const known = (await this.#accountsAt(permission)).map((account) => account.id);
      if (authorization.accountIds?.some((id) => !known.includes(id)))
        throw new DomainError('account.not-found', 'the host, or none of the hosts in the group, has such an account');
      await this.authorizations.add(authorization);
      await this.audit.publish(AuthorizationCreated, { actorId, authorization });
    });
    return authorization;
  }

  async #accountsAt({ hostId, hostGroupId }: Permission): Promise<StoredAccount[]> {
    if (hostId) {
      await requireHost(this.hosts, hostId);
      return this.accounts.of(hostId);
    }
    if (!hostGroupId) return [];
    await this.hostGroups.require(hostGroupId);
    return this.accounts.inGroup(hostGroupId);
  }

  /**
   * Sessions that run go on as they were granted.
   * @throws DomainError `authorization.not-found`, `request.invalid` (never valid), `audit.unavailable`
   */
  async update(actorId: UserId, id: AuthorizationId, change: AuthorizationChange): Promise<Authorization> {
    return this.transaction.run(async () => {
      const before = await this.authorizations.forUpdate(id);
      if (!before) throw new DomainError('authorization.not-found', 'there is no such authorization');
      const after = changeAuthorization(before, change);
      checkValidity(after);
      await this.authorizations.save(after);
      await this.audit.publish(AuthorizationUpdated, { actorId, before, after });
      return after;
    });
  }

  /** Sessions that stood on it end. @throws DomainError `authorization.not-found`, `audit.unavailable` */
  async delete(actorId: UserId, authorizationId: AuthorizationId): Promise<void> {
    await this.transaction.run(async () => {
      const authorization = await this.authorizations.remove(authorizationId);
      if (!authorization) throw new DomainError('authorization.not-found', 'there is no such authorization');
      await this.audit.publish(AuthorizationDeleted, { actorId, authorizationId, authorization });
    });
  }
}

function checkedId(id: string | undefined): AuthorizationId | undefined {
  if (id === undefined) return undefined;
  const parsed = AuthorizationId.safeParse(id);
  if (!parsed.success) throw new DomainError('request.invalid', 'the cursor is not valid');
  return parsed.data;
}
