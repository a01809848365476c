import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * What adapters work with: `manager` belongs to the transaction that the calling code runs in, and to the pool outside of
 * one. So use cases say where a transaction begins and ends without passing it through every port.
 */
export class Database {
  readonly #current = new AsyncLocalStorage<EntityManager>();

  constructor(private readonly dataSource: DataSource) {}

  get manager(): EntityManager {
    return this.#current.getStore() ?? this.dataSource.manager;
  }

  /**
   * Runs `work` in a transaction (READ COMMITTED): committed when it returns, rolled back when it throws. Inside of
   * another one it joins that, and commits with it. Never repeats `work`, which may have told others what it did.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.#current.getStore()) return work();
    return this.dataSource.transaction((manager) => this.#current.run(manager, work));
  }

  /** For the readiness answer. @throws Error when the server does not answer */
  async check(): Promise<void> {
    await this.dataSource.query('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
