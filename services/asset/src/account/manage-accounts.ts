import type { AccountId, HostAccount, HostId, UserId } from '@sallyport/contracts';
import { AccountDeleted } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Transaction } from '../transaction/transaction.js';
import { describeAccount } from './account.js';
import type { Accounts } from './accounts.js';

/** An administrator looks at the accounts of a host and removes them. The secrets in KMS are left alone. */
export class ManageAccounts {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `host.not-found` */
  async list(hostId: HostId): Promise<HostAccount[]> {
    await requireHost(this.hosts, hostId);
    return (await this.accounts.of(hostId)).map(describeAccount);
  }

  /** @throws DomainError `host.not-found`, `account.not-found`, `audit.unavailable` */
  async delete(actorId: UserId, hostId: HostId, accountId: AccountId): Promise<void> {
    await this.transaction.run(async () => {
      await requireHost(this.hosts, hostId, 'forUpdate');
      const account = await this.accounts.remove(hostId, accountId);
      if (!account) throw new DomainError('account.not-found', 'the host has no such account');
      await this.audit.publish(AccountDeleted, { actorId, accountId, hostId, secretName: account.secretName });
    });
  }
}
