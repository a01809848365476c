import { signCheckpoint, type Hash, type NoteSigner } from '@sallyport/transparency';
import type { LogTree, Tile } from './log-tree.js';
import type { TreeStore } from './tree-store.js';

/** Leaves that are taken in at once where tiles are missing. */
const catchUpLeaves = 65_536;

/** A tree as it is when the transaction that made it is committed. */
export interface Grown {
  readonly tree: LogTree;
  readonly checkpointedSize: number;
}

/**
 * Keeps the Merkle tree equal to the log. All of it happens in the transaction, and under the lock, of the log's writer;
 * what was made is remembered for the next one only by `keep`, after the commit. Another replica may have written in
 * between: then the tree is read anew.
 */
export class GrowTree {
  private kept: Grown | undefined;

  /** @param checkpointEvents a checkpoint is signed when this many events have none */
  constructor(
    private readonly store: TreeStore,
    private readonly signer: NoteSigner,
    private readonly checkpointEvents: number,
  ) {}

  /**
   * @param sizeBefore of the log, before these leaves
   * @param leaves that the log has been given in this transaction
   */
  async run(sizeBefore: number, leaves: readonly Hash[]): Promise<Grown> {
    const before = await this.current(sizeBefore);
    const tree = before.tree;
    await this.store.addTiles(tree.append(leaves));
    if (tree.size - before.checkpointedSize < this.checkpointEvents) return before;
    return this.checkpoint(before);
  }

  /** Signs the head of the log as it is. */
  async seal(size: number): Promise<Grown> {
    const before = await this.current(size);
    return before.checkpointedSize === size ? before : this.checkpoint(before);
  }

  keep(grown: Grown): void {
    this.kept = grown;
  }

  private async checkpoint({ tree }: Grown): Promise<Grown> {
    const head = { size: tree.size, root: tree.root() };
    await this.store.addCheckpoint({ ...head, note: signCheckpoint(this.signer, head) });
    return { tree, checkpointedSize: tree.size };
  }

  private async current(size: number): Promise<Grown> {
    if (this.kept?.tree.size === size) return { ...this.kept, tree: this.kept.tree.copy() };
    const tree = await this.store.load();
    while (tree.size < size) {
      const tiles: Tile[] = tree.append(await this.leaves(tree.size, Math.min(catchUpLeaves, size - tree.size)));
      await this.store.addTiles(tiles);
    }
    const newest = await this.store.newestCheckpoint();
    return { tree, checkpointedSize: newest?.size ?? 0 };
  }

  private async leaves(after: number, count: number): Promise<Hash[]> {
    const leaves = await this.store.leavesAfter(after, count);
    if (leaves.length !== count) throw new Error('the log has lost events that its tree needs');
    return leaves;
  }
}
