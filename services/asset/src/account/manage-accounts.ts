import type { AccountId, HostAccount, HostId, SecretStanding, UserId } from '@sallyport/contracts';
import { AccountDeleted, ShowSecretStatesV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher, Bus } from '@sallyport/messaging';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Transaction } from '../transaction/transaction.js';
import { describeAccount } from './account.js';
import type { Accounts, StoredAccount } from './accounts.js';

/** An administrator looks at the accounts of a host and removes them. The secrets in KMS are left alone. */
export class ManageAccounts {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly bus: Bus,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `host.not-found` */
  async list(hostId: HostId): Promise<HostAccount[]> {
    await requireHost(this.hosts, hostId);
    const accounts = await this.accounts.of(hostId);
    const standings = await this.#standings(accounts);
    return accounts.map((account) => describeAccount(account, standings.get(account.secretName)));
  }

  /** How the secrets stand now, all of one region; empty when the broker does not tell: the list is shown all the same. */
  async #standings([first, ...others]: readonly StoredAccount[]): Promise<Map<string, SecretStanding>> {
    if (!first) return new Map();
    const names = [first, ...others].map(({ secretName }) => secretName);
    try {
      const { items } = await this.bus.request(ShowSecretStatesV1, { regionId: first.regionId, names, versions: true });
      return new Map(items.map(({ name, ...standing }) => [name, standing]));
    } catch (error) {
      if (error instanceof DomainError) return new Map();
      throw error;
    }
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
