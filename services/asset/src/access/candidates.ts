import type { UserId } from '@sallyport/contracts';
import type { Accounts } from '../account/accounts.js';
import type { Authorizations } from '../authorization/authorizations.js';
import type { Hosts } from '../host/hosts.js';
import type { Candidate } from './choose-target.js';

/** An address that is in use in several private networks may stand for several hosts. */
const MOST = 20;

/** The hosts that a typed name may mean. Asks the same of the database whether the user may see them or not. */
export class Candidates {
  constructor(
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly authorizations: Authorizations,
  ) {}

  async called(text: string, userId: UserId): Promise<Candidate[]> {
    const hosts = await this.hosts.called(text, MOST);
    const ids = hosts.map((host) => host.id);
    const accounts = await this.accounts.of(...ids);
    const authorizations = await this.authorizations.of(userId, ids);
    return hosts.map((host) => ({
      host,
      accounts: accounts.filter((account) => account.hostId === host.id),
      authorizations: authorizations.get(host.id) ?? [],
    }));
  }
}
