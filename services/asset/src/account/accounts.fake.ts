import type { AccountId, HostId } from '@sallyport/contracts';
import type { StoredAccount } from './accounts.js';
import { Accounts } from './accounts.js';

export class FakeAccounts extends Accounts {
  #accounts: StoredAccount[] = [];

  async add(account: StoredAccount): Promise<boolean> {
    const others = await this.of(account.hostId);
    if (others.some((other) => other.secretName === account.secretName)) return false;
    this.#accounts.push(account);
    return true;
  }

  of(...hostIds: HostId[]): Promise<StoredAccount[]> {
    const key = (account: StoredAccount): string => `${account.userName}\0${account.secretName}`;
    return Promise.resolve(
      this.#accounts.filter((account) => hostIds.includes(account.hostId)).sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    );
  }

  remove(hostId: HostId, id: AccountId): Promise<StoredAccount | undefined> {
    const gone = this.#accounts.find((account) => account.hostId === hostId && account.id === id);
    this.#accounts = this.#accounts.filter((account) => account !== gone);
    return Promise.resolve(gone);
  }
}
