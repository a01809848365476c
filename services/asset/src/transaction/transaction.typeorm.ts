import type { Database } from '@sallyport/postgres';
import { Transaction } from './transaction.js';

export class DatabaseTransaction extends Transaction {
  constructor(private readonly database: Database) {
    super();
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }
}
