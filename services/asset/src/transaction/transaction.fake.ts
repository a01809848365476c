import { Transaction } from './transaction.js';

/** Runs the work and rolls nothing back: that is shown against the real database. */
export class FakeTransaction extends Transaction {
  run<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}
