import type { UUID } from 'node:crypto';
import type { Attempt, Limits } from './failed-sign-ins.js';
import { FailedSignIns } from './failed-sign-ins.js';

export class FakeFailedSignIns extends FailedSignIns {
  #failed: Attempt[] = [];
  readonly #familiar = new Map<string, Date>();

  begin(attempt: Attempt, { since, perUser, perAddress, familiarSince }: Limits): Promise<boolean> {
    this.#failed = this.#failed.filter(({ at }) => at >= since);
    const { kind, username, addressBlock } = attempt;
    const seen = this.#familiar.get(`${username} ${addressBlock}`);
    const familiar = familiarSince !== undefined && seen !== undefined && seen >= familiarSince;
    const ofUser = this.#failed.filter((each) => each.kind === kind && each.username === username);
    const counted = familiar ? ofUser.filter((each) => each.addressBlock === addressBlock) : ofUser;
    const ofAddress = this.#failed.filter((each) => each.addressBlock === addressBlock);
    const free = counted.length < perUser && ofAddress.length < perAddress;
    if (free) this.#failed.push(attempt);
    return Promise.resolve(free);
  }

  forget(id: UUID): Promise<void> {
    this.#failed = this.#failed.filter((each) => each.id !== id);
    return Promise.resolve();
  }

  remember(username: string, addressBlock: string, at: Date): Promise<void> {
    this.#familiar.set(`${username} ${addressBlock}`, at);
    return Promise.resolve();
  }
}
