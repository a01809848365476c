import { join } from 'node:path';
import { parseFile, readIfPresent, writeDurably } from './durable-file.js';
import { AccountStore } from './account-store.js';
import { StoredState } from './state.js';
import type { EmulatorState } from './state.js';

/**
 * The state, in memory and on disk. It is never changed in place: an update makes a new one, which is on disk before
 * it is seen by anyone and before the update returns, so that what was answered survives `kill -9`.
 */
export class StateStore {
  #current: EmulatorState;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string,
    initial: EmulatorState,
  ) {
    this.#current = initial;
  }

  /** @param first makes the state of a first start */
  static async open(folder: string, first: () => Promise<EmulatorState>): Promise<StateStore> {
    const path = join(folder, 'state.json');
    const text = await readIfPresent(path);
    if (text !== undefined) return new StateStore(path, parseFile(path, text, StoredState));
    const initial = await first();
    await writeDurably(path, JSON.stringify(initial));
    return new StateStore(path, initial);
  }

  get current(): Readonly<EmulatorState> {
    return this.#current;
  }

  /** The part of one account, known or not. */
  of(accountId: string): AccountStore {
    return new AccountStore(this, accountId);
  }

  /** The emulator's own account. */
  get own(): AccountStore {
    return this.of(this.#current.accountId);
  }

  /** Every account that owns something, or did. */
  get accounts(): AccountStore[] {
    return this.#current.accounts.map(({ accountId }) => this.of(accountId));
  }

  /**
   * One update after the other.
   * @param change from the state as it is to the members that are new; what it throws ends the update with nothing changed
   */
  update<Result>(
    change: (state: Readonly<EmulatorState>) => { next: Partial<EmulatorState>; result: Result },
  ): Promise<Result> {
    const done = this.#last.then(async () => {
      const { next, result } = change(this.#current);
      if (Object.keys(next).length === 0) return result;
      const state = { ...this.#current, ...next };
      await writeDurably(this.path, JSON.stringify(state));
      this.#current = state;
      return result;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** When every update that was asked for is on disk. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
