import { foldRight, openCheckpoint, subtreesOf, type NoteVerifier } from '@sallyport/transparency';
import type { Checkpoint, TreeStore } from './tree-store.js';

/** Port: somebody outside of the database who remembers checkpoints. */
export abstract class Witness {
  /** Safe to repeat. @throws Error when it cannot be told now; the next checkpoint will be */
  abstract tell(checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint that it remembers, as a signed note; undefined when it cannot be asked. */
  abstract newest(): Promise<string | undefined>;
}

/**
 * The log must be what its witness saw, and more: a database that was set back, from a backup say, or written anew is not.
 * @throws Error that says so
 */
export async function compareWithWitness(witness: Witness, store: TreeStore, key: NoteVerifier): Promise<void> {
  const note = await witness.newest();
  if (note === undefined) return;
  const seen = openCheckpoint(key, note);
  if (seen.size === 0) return;
  const size = await store.size();
  const what =
    size < seen.size
      ? `has ${size} events, and its witness has seen ${seen.size}`
      : `is not the one that its witness saw when it had ${seen.size} events`;
  if (size >= seen.size && foldRight(await store.nodes(subtreesOf(0, seen.size))).equals(seen.root)) return;
  throw new Error(
    `the log ${what}: the database was set back or changed. Restore it; or keep the witness’s file as evidence, and put it aside to go on without the events that are gone`,
  );
}
