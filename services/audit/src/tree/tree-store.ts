import type { Hash, Node } from '@sallyport/transparency';
import type { LogTree, Tile } from './log-tree.js';

/** A signed head of the log. */
export interface Checkpoint {
  readonly size: number;
  readonly root: Hash;
  /** C2SP tlog-checkpoint. */
  readonly note: string;
  readonly madeAt: Date;
}

/** Port: the tree over the log, as far as it is stored. Only the writer of the log writes here, under its lock. */
export abstract class TreeStore {
  /** The tree of all complete tiles: of the log's end up to 255 leaves are missing. */
  abstract load(): Promise<LogTree>;
  /** Hashes of the log's leaves after the first `size`, as many as `limit`. */
  abstract leavesAfter(size: number, limit: number): Promise<Hash[]>;
  /** Hashes of these leaves, counted from 1, all within one tile. */
  abstract leavesOf(first: number, last: number): Promise<Hash[]>;
  abstract addTiles(tiles: readonly Tile[]): Promise<void>;
  /** Safe to repeat. */
  abstract addCheckpoint(checkpoint: Omit<Checkpoint, 'madeAt'>): Promise<void>;
  abstract newestCheckpoint(): Promise<Checkpoint | undefined>;
  /** How many events the log has. */
  abstract size(): Promise<number>;
  /** Roots of perfect subtrees within the first `size` leaves. */
  abstract nodes(nodes: readonly Node[]): Promise<Hash[]>;
}
