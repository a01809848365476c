import type { Database } from '@sallyport/postgres';
import { hashBytes, rootOf, type Hash, type Node } from '@sallyport/transparency';
import { z } from 'zod';
import { LogTree, tileWidth, type Tile } from './log-tree.js';
import { TreeStore, type Checkpoint } from './tree-store.js';

const Count = z.coerce.number().int();
const Bytes = z.instanceof(Buffer);
const Roots = z.array(z.object({ root: Bytes }));
const Leaves = z.array(z.object({ leaf_hash: Bytes }));
const Newest = z.array(z.object({ size: Count, root: Bytes, note: z.string(), made_at: z.date() }));

export class PostgresTreeStore extends TreeStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async load(): Promise<LogTree> {
    const [{ tiles }] = z
      .tuple([z.object({ tiles: Count })])
      .parse(await this.query('SELECT coalesce(max(index) + 1, 0) AS tiles FROM tree_tile WHERE level = 0'));
    const open: Hash[][] = [];
    for (let level = 0, count = tiles; count > 0; level += 1, count = Math.floor(count / tileWidth))
      open.push(await this.roots(level, Math.floor(count / tileWidth) * tileWidth, tileWidth));
    return LogTree.ofTiles(tiles, open);
  }

  override async leavesAfter(size: number, limit: number): Promise<Hash[]> {
    const rows = await this.query('SELECT leaf_hash FROM event WHERE sequence > $1 ORDER BY sequence LIMIT $2', [
      size,
      limit,
    ]);
    return Leaves.parse(rows).map((row) => row.leaf_hash);
  }

  override async addTiles(tiles: readonly Tile[]): Promise<void> {
    if (tiles.length === 0) return;
    await this.query(
      'INSERT INTO tree_tile (level, index, root, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])',
      [
        tiles.map(({ level }) => level),
        tiles.map(({ index }) => index),
        tiles.map(({ root }) => root),
        tiles.map(({ hashes }) => Buffer.concat(hashes)),
      ],
    );
  }

  override async addCheckpoint({ size, root, note }: Omit<Checkpoint, 'madeAt'>): Promise<void> {
    await this.query('INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      size,
      root,
      note,
    ]);
  }

  override async newestCheckpoint(): Promise<Checkpoint | undefined> {
    const rows = await this.query('SELECT size, root, note, made_at FROM checkpoint ORDER BY size DESC LIMIT 1');
    const [row] = Newest.parse(rows);
    return row && { size: row.size, root: row.root, note: row.note, madeAt: row.made_at };
  }

  override async size(): Promise<number> {
    const rows = await this.query('SELECT coalesce(max(sequence), 0) AS size FROM event');
    return z.tuple([z.object({ size: Count })]).parse(rows)[0].size;
  }

  override async leavesOf(first: number, last: number): Promise<Hash[]> {
    const tile = Math.floor((first - 1) / tileWidth);
    return (await this.tile(0, tile)).slice(first - 1 - tile * tileWidth, last - tile * tileWidth);
  }

  /** A perfect subtree lies within one tile, and most of a proof's within the same few. */
  override async nodes(nodes: readonly Node[]): Promise<Hash[]> {
    const tiles = new Map<string, Promise<Hash[]>>();
    const hashes = nodes.map(async ({ level, index }) => {
      const [tileLevel, count] = [Math.floor(level / 8), 2 ** (level % 8)];
      const first = index * count;
      const tileIndex = Math.floor(first / tileWidth);
      const key = `${tileLevel}/${tileIndex}`;
      const tile = tiles.get(key) ?? this.tile(tileLevel, tileIndex);
      tiles.set(key, tile);
      const found = (await tile).slice(first % tileWidth, (first % tileWidth) + count);
      if (found.length !== count) throw new Error(`the tree has no subtree ${level}/${index} yet`);
      return rootOf(found);
    });
    return Promise.all(hashes);
  }

  /** Where it is not complete, its hashes are those of what is below it, as far as they are there. */
  private async tile(level: number, index: number): Promise<Hash[]> {
    const rows = await this.query('SELECT hashes AS root FROM tree_tile WHERE level = $1 AND index = $2', [
      level,
      index,
    ]);
    const [complete] = Roots.parse(rows);
    if (complete) return splitHashes(complete.root);
    const first = index * tileWidth;
    return level === 0 ? this.leavesAfter(first, tileWidth) : this.roots(level - 1, first, tileWidth);
  }

  /** Of complete tiles of a level, from one on: neighbours as far as there are. */
  private async roots(level: number, from: number, limit: number): Promise<Hash[]> {
    const rows = await this.query(
      'SELECT root FROM tree_tile WHERE level = $1 AND index >= $2 ORDER BY index LIMIT $3',
      [level, from, limit],
    );
    return Roots.parse(rows).map((row) => row.root);
  }

  private query(statement: string, values: unknown[] = []): Promise<unknown> {
    return this.database.manager.query(statement, values);
  }
}

function splitHashes(bytes: Buffer): Hash[] {
  return Array.from({ length: bytes.length / hashBytes }, (_, n) => bytes.subarray(n * hashBytes, (n + 1) * hashBytes));
}
