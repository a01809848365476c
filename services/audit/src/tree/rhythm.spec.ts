import { generateKeyPairSync } from 'node:crypto';
import { leafHash, NoteSigner, NoteVerifier, openCheckpoint, type Hash } from '@sallyport/transparency';
import { beforeEach, describe, expect, it } from 'vitest';
import { GrowTree } from './grow-tree.js';
import { LogTree, type Tile } from './log-tree.js';
import { SealLog } from './seal-log.js';
import { TreeStore, type Checkpoint } from './tree-store.js';

const [everyEvents, everyMs] = [5, 1_000];

/** The log of some events, and the checkpoints that were signed of it. */
class StoreInMemory extends TreeStore {
  now = 0;
  readonly leaves: Hash[] = [];
  readonly checkpoints: Checkpoint[] = [];

  override load(): Promise<LogTree> {
    return Promise.resolve(LogTree.ofTiles(0, []));
  }
  override leavesAfter(size: number, limit: number): Promise<Hash[]> {
    return Promise.resolve(this.leaves.slice(size, size + limit));
  }
  override addTiles(tiles: readonly Tile[]): Promise<void> {
    return tiles.length === 0 ? Promise.resolve() : Promise.reject(new Error('not so many'));
  }
  override addCheckpoint(checkpoint: Omit<Checkpoint, 'madeAt'>): Promise<void> {
    this.checkpoints.push({ ...checkpoint, madeAt: new Date(this.now) });
    return Promise.resolve();
  }
  override newestCheckpoint(): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.checkpoints.at(-1));
  }
  override size(): Promise<number> {
    return Promise.resolve(this.leaves.length);
  }
  override leavesOf(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }
  override nodes(): Promise<never> {
    return Promise.reject(new Error('not asked for'));
  }
}

describe('the rhythm of checkpoints', () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = new NoteSigner('test.example/log', key);
  let store: StoreInMemory;
  let tree: GrowTree;
  let seal: SealLog;
  beforeEach(() => {
    store = new StoreInMemory();
    tree = new GrowTree(store, signer, everyEvents);
    const transaction = <T>(work: () => Promise<T>): Promise<T> => work();
    seal = new SealLog({ transaction }, { lock: () => Promise.resolve() }, store, tree, everyMs);
  });
  const grow = async (count: number): Promise<void> => {
    const before = store.leaves.length;
    const leaves = Array.from({ length: count }, (_, n) => leafHash(Buffer.from(`event ${before + n}`)));
    store.leaves.push(...leaves);
    tree.keep(await tree.run(before, leaves));
  };
  const after = async (ms: number): Promise<void> => {
    store.now += ms;
    await seal.run(store.now);
  };
  const sizes = () => store.checkpoints.map(({ size }) => size);

  it('has one signed with the event that makes so many without, and not before', async () => {
    await grow(everyEvents - 1);
    expect(sizes()).toEqual([]);
    await grow(1);
    expect(sizes()).toEqual([5]);
    await grow(everyEvents - 1);
    expect(sizes()).toEqual([5]);
    await grow(everyEvents);
    expect(sizes()).toEqual([5, 14]);
    const { note = '', root } = store.checkpoints.at(-1) ?? {};
    expect(openCheckpoint(new NoteVerifier(signer.verifierKey), note)).toEqual({ size: 14, root });
  });

  it('has one signed of what was without for so long, and none where nothing is new', async () => {
    await after(everyMs);
    expect(sizes()).toEqual([]);
    await grow(1);
    await after(0);
    expect(sizes()).toEqual([1]);
    await grow(1);
    await after(everyMs - 1);
    expect(sizes()).toEqual([1]);
    await after(1);
    expect(sizes()).toEqual([1, 2]);
    await after(10 * everyMs);
    expect(sizes()).toEqual([1, 2]);
  });

  it('counts both from the newest one, whichever of the two had it signed', async () => {
    await grow(3);
    await after(0);
    await grow(everyEvents - 1);
    expect(sizes()).toEqual([3]);
    store.now += everyMs - 1;
    await grow(1);
    await after(everyMs - 1);
    expect(sizes()).toEqual([3, 8]);
  });
});
