import type { AccountId, SecretState } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { AccountSecretStateChanged, ShowSecretStatesV1 } from '@sallyport/contracts';
import type { SecretStanding } from '@sallyport/contracts';
import type { AuditPublisher, Bus } from '@sallyport/messaging';
import type { Accounts, StoredAccount } from '../account/accounts.js';
import type { Transaction } from '../transaction/transaction.js';
import type { RegionFailed } from './region-failed.js';

/** Accounts that are looked at in one go. */
const AT_ONCE = 200;

/** How many accounts have a secret of each state. */
export type SecretCounts = Readonly<Record<SecretState, number>>;

/**
 * Looks how the secrets of all accounts stand in KMS, marks the accounts, and puts every change on record. Several replicas may do
 * so at the same time: a change is marked once.
 */
export class WatchSecrets {
  constructor(
    private readonly transaction: Transaction,
    private readonly accounts: Pick<Accounts, 'after' | 'setSecretState'>,
    private readonly bus: Bus,
    private readonly audit: AuditPublisher,
  ) {}

  /** @param failed hears of each region that could not be looked at; its accounts stay as they were, and the others are looked at */
  async run(failed: RegionFailed): Promise<SecretCounts> {
    const counts = { ok: 0, 'rotation-failed': 0, 'deletion-planned': 0, gone: 0, unknown: 0 };
    let after: AccountId | undefined;
    for (;;) {
      const some = await this.accounts.after(after, AT_ONCE);
      for (const regionId of new Set(some.map((account) => account.regionId))) {
        const ofRegion = some.filter((one) => one.regionId === regionId);
        for (const state of await this.#tryToLook(regionId, ofRegion, failed)) counts[state] += 1;
      }
      after = some.at(-1)?.id;
      if (some.length < AT_ONCE) return counts;
    }
  }

  async #tryToLook(regionId: string, accounts: readonly StoredAccount[], failed: RegionFailed): Promise<SecretState[]> {
    try {
      return await this.#look(regionId, accounts);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failed(regionId, error);
      return accounts.map(({ secretState }) => secretState);
    }
  }

  /** @throws DomainError `kms.*`, `service.unavailable`, `audit.unavailable` */
  async #look(regionId: string, accounts: readonly StoredAccount[]): Promise<SecretState[]> {
    const names = [...new Set(accounts.map(({ secretName }) => secretName))];
    const { items } = await this.bus.request(ShowSecretStatesV1, { regionId, names, versions: false });
    const standings = new Map(items.map((item) => [item.name, item]));
    const states: SecretState[] = [];
    for (const account of accounts) states.push(await this.#mark(account, standings.get(account.secretName)));
    return states;
  }

  /** What KMS does not tell changes nothing. */
  async #mark(account: StoredAccount, standing: SecretStanding | undefined): Promise<SecretState> {
    const { id: accountId, hostId, secretName, secretState: before } = account;
    const after = standing?.state ?? 'unknown';
    if (after === 'unknown' || after === before) return before;
    await this.transaction.run(async () => {
      if (!(await this.accounts.setSecretState(accountId, before, after))) return;
      // The first look at an account that is well is no news.
      if (before === 'unknown' && after === 'ok') return;
      const { plannedDeleteAt } = standing ?? {};
      const data = { accountId, hostId, secretName, before, after };
      await this.audit.publish(AccountSecretStateChanged, {
        ...data,
        ...(plannedDeleteAt !== undefined && { plannedDeleteAt }),
      });
    });
    return after;
  }
}
