import type { AccountState, EmulatorState } from './state.js';

/** The whole state, of which an account is a part. */
interface WholeState {
  readonly current: Readonly<EmulatorState>;
  update<Result>(
    change: (state: Readonly<EmulatorState>) => { next: Partial<EmulatorState>; result: Result },
  ): Promise<Result>;
}

/** One account's part of the state: all that an operation sees and changes. An account that owns nothing yet is empty. */
export class AccountStore {
  constructor(
    private readonly store: WholeState,
    /** 16 digits. */
    readonly accountId: string,
  ) {}

  get current(): Readonly<AccountState> {
    return accountIn(this.store.current, this.accountId);
  }

  /** As `StateStore.update`, for the members of this account. */
  update<Result>(
    change: (account: Readonly<AccountState>) => { next: Partial<AccountState>; result: Result },
  ): Promise<Result> {
    return this.store.update((state) => {
      const account = accountIn(state, this.accountId);
      const { next, result } = change(account);
      if (Object.keys(next).length === 0) return { next: {}, result };
      const changed = { ...account, ...next };
      const known = state.accounts.some(({ accountId }) => accountId === this.accountId);
      const accounts = known
        ? state.accounts.map((one) => (one.accountId === this.accountId ? changed : one))
        : [...state.accounts, changed];
      return { next: { accounts }, result };
    });
  }
}

function accountIn({ accounts, regionId }: Readonly<EmulatorState>, accountId: string): AccountState {
  const nothing = { kmsInstances: [], keys: [], secrets: [], instances: [], rotationRequests: [] };
  const known = accounts.find((one) => one.accountId === accountId);
  return known ?? { accountId, regionId, ...nothing, aliases: [], events: [] };
}
