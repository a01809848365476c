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
import type { Accounts } from '../account/accounts.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import { requireUser } from '../user/require-user.js';
import type { Users } from '../user/users.js';
import { checkValidity } from './authorization.js';
import type { AuthorizationChange } from './change-authorization.js';
import { changeAuthorization, inUtc } from './change-authorization.js';
import type { AuthorizationFilter, Authorizations } from './authorizations.js';

export type Permission = Omit<RequestOf<typeof CreateAuthorizationV1>, 'actor'>;

/** An administrator permits users to use accounts of hosts, and takes that back. */
export class ManageAuthorizations {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly hosts: Hosts,
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
   * @throws DomainError `user.not-found`, `host.not-found`, `account.not-found`, `request.invalid` (never valid),
   *   `audit.unavailable`
   */
  async create(actorId: UserId, permission: Permission): Promise<Authorization> {
    checkValidity(permission);
    const { userId, hostId, accountIds, validFrom, validUntil, policy, limits } = permission;
    const authorization: Authorization = {
      id: AuthorizationId.parse(randomUUID()),
      userId,
      hostId,
      ...(accountIds === undefined ? {} : { accountIds: [...new Set(accountIds)].sort() }),
      ...(validFrom === undefined ? {} : { validFrom: inUtc(validFrom) }),
      ...(validUntil === undefined ? {} : { validUntil: inUtc(validUntil) }),
      policy: policy ?? ProtocolPolicy.parse({}),
      limits: limits ?? {},
    };
    await this.transaction.run(async () => {
      await requireUser(this.users, userId);
      await requireHost(this.hosts, hostId);
      const known = (await this.accounts.of(hostId)).map((account) => account.id);
      if (authorization.accountIds?.some((id) => !known.includes(id)))
        throw new DomainError('account.not-found', 'the host has no such account');
      await this.authorizations.add(authorization);
      await this.audit.publish(AuthorizationCreated, { actorId, authorization });
    });
    return authorization;
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

  /** Sessions that run go on. @throws DomainError `authorization.not-found`, `audit.unavailable` */
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
