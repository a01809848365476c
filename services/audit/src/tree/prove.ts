import type { ProveConsistencyV1, ProveEventV1, ReplyOf, ShowCheckpointV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import {
  consistencyRanges,
  foldRight,
  inclusionRanges,
  subtreesOf,
  type Hash,
  type Range,
} from '@sallyport/transparency';
import type { Checkpoint, TreeStore } from './tree-store.js';

/** What the log proves of itself, against its newest checkpoint. */
export class Prove {
  /** @param verifierKey of the log, C2SP signed-note */
  constructor(
    private readonly store: TreeStore,
    private readonly verifierKey: string,
  ) {}

  /** @throws DomainError `checkpoint.not-found` the log is empty, or younger than its first checkpoint */
  async checkpoint(): Promise<ReplyOf<typeof ShowCheckpointV1>> {
    return this.show(await this.newest());
  }

  /** @throws DomainError `event.not-found` there is no such event, or no checkpoint covers it yet */
  async inclusion(sequence: number): Promise<ReplyOf<typeof ProveEventV1>> {
    const newest = await this.newest();
    if (sequence > newest.size)
      throw new DomainError('event.not-found', 'no checkpoint covers such an event yet: ask again in ten seconds', {
        retryable: true,
      });
    const [leaf] = await this.store.nodes([{ level: 0, index: sequence - 1 }]);
    if (!leaf) throw new DomainError('event.not-found', 'there is no such event');
    const proof = await this.roots(inclusionRanges(sequence - 1, newest.size));
    return { ...this.show(newest), sequence, leafHash: base64(leaf), proof: proof.map(base64) };
  }

  /** @throws DomainError `checkpoint.not-found` the log has never been of this size */
  async consistency(first: number): Promise<ReplyOf<typeof ProveConsistencyV1>> {
    const newest = await this.newest();
    if (first > newest.size)
      throw new DomainError('checkpoint.not-found', 'no checkpoint of the log has this size, or a larger one');
    const proof = await this.roots(consistencyRanges(first, newest.size));
    return { ...this.show(newest), first, proof: proof.map(base64) };
  }

  private async newest(): Promise<Checkpoint> {
    const newest = await this.store.newestCheckpoint();
    if (!newest)
      throw new DomainError('checkpoint.not-found', 'the log has no checkpoint yet: ask again in ten seconds');
    return newest;
  }

  private show({ size, root, note, madeAt }: Checkpoint): ReplyOf<typeof ShowCheckpointV1> {
    return {
      size,
      rootHash: base64(root),
      checkpoint: note,
      madeAt: madeAt.toISOString(),
      verifierKey: this.verifierKey,
    };
  }

  private async roots(ranges: readonly Range[]): Promise<Hash[]> {
    const subtrees = ranges.map(({ begin, end }) => subtreesOf(begin, end));
    const hashes = await this.store.nodes(subtrees.flat());
    let at = 0;
    return subtrees.map((nodes) => foldRight(hashes.slice(at, (at += nodes.length))));
  }
}

const base64 = (hash: Hash): string => hash.toString('base64');
