import { Frontier, rootOf, type Hash } from '@sallyport/transparency';

/** Hashes of one tile: 256, each of a subtree of `256^level` leaves. */
export const tileWidth = 256;
const tileHeight = 8;

/** A complete tile: never changes again. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Hash[];
  readonly root: Hash;
}

/**
 * The Merkle tree (RFC 9162) of the log at its growing end, with what is not in a complete tile yet. An instance belongs
 * to one transaction: `copy` it first, and keep the copy when the transaction is committed.
 */
export class LogTree {
  private constructor(
    private readonly frontier: Frontier,
    /** By level: the hashes of the tile that is not complete. */
    private readonly open: Hash[][],
    /** By level: how many tiles are complete. */
    private readonly complete: number[],
  ) {}

  /**
   * The tree of `tiles * 256` leaves.
   * @param open by level from 1 on: the roots of the last complete tiles of the level below, as many as fill no tile
   */
  static ofTiles(tiles: number, open: readonly (readonly Hash[])[]): LogTree {
    const frontier = new Frontier();
    for (let level = open.length; level >= 1; level -= 1)
      for (const hash of open[level - 1] ?? []) frontier.append(hash, level * tileHeight);
    if (frontier.size !== tiles * tileWidth) throw new Error('the tiles of the log are not complete');
    const complete = [tiles];
    for (let rest = tiles; rest > 0; rest = Math.floor(rest / tileWidth)) complete.push(Math.floor(rest / tileWidth));
    return new LogTree(frontier, [[], ...open.map((hashes) => [...hashes])], complete);
  }

  copy(): LogTree {
    return new LogTree(
      this.frontier.copy(),
      this.open.map((hashes) => [...hashes]),
      [...this.complete],
    );
  }

  get size(): number {
    return this.frontier.size;
  }

  root(): Hash {
    return this.frontier.root();
  }

  /** Adds leaves at the end. @returns the tiles that they complete */
  append(leaves: readonly Hash[]): Tile[] {
    const tiles: Tile[] = [];
    for (const leaf of leaves) {
      const roots: Hash[] = [];
      this.frontier.append(leaf, 0, (height, node) => {
        if (height % tileHeight === 0) roots.push(node);
      });
      this.put(0, leaf, roots, tiles);
    }
    return tiles;
  }

  /** @param roots of the tiles that become complete with it, from below */
  private put(level: number, hash: Hash, roots: readonly Hash[], tiles: Tile[]): void {
    const hashes = (this.open[level] ??= []);
    hashes.push(hash);
    if (hashes.length < tileWidth) return;
    const [root = rootOf(hashes), ...above] = roots;
    const index = this.complete[level] ?? 0;
    tiles.push({ level, index, hashes, root });
    this.complete[level] = index + 1;
    this.open[level] = [];
    this.put(level + 1, root, above, tiles);
  }
}
