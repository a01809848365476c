import type { Database } from '@sallyport/postgres';
import type { EventLog } from '../log/event-log.js';
import type { GrowTree } from './grow-tree.js';
import type { Checkpoint, TreeStore } from './tree-store.js';

/** Signs a checkpoint where events have been without one for a while. */
export class SealLog {
  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly log: Pick<EventLog, 'lock'>,
    private readonly store: TreeStore,
    private readonly tree: GrowTree,
    private readonly intervalMs: number,
  ) {}

  /** @returns the newest checkpoint there is then */
  async run(now = Date.now()): Promise<Checkpoint | undefined> {
    const newest = await this.store.newestCheckpoint();
    if (newest && now - newest.madeAt.getTime() < this.intervalMs) return newest;
    if ((await this.store.size()) === (newest?.size ?? 0)) return newest;
    const grown = await this.database.transaction(async () => {
      await this.log.lock();
      return this.tree.seal(await this.store.size());
    });
    this.tree.keep(grown);
    return this.store.newestCheckpoint();
  }
}
