import { openCheckpoint, type TreeHead } from './checkpoint.js';
import { readLine, type ExportBlock, type ExportedEvent, type ExportHead } from './export-format.js';
import { Frontier, leafHash, subtreesOf, type Hash } from './merkle-tree.js';
import { rootAround } from './proofs.js';
import { NoteError, type NoteVerifier } from './signed-note.js';

/** The first thing that is wrong, and where. */
export class Tampered extends Error {
  override readonly name = 'Tampered';
}

/** In the log before events are removed because of their age. */
const prunedType = 'io.sallyport.audit-log.pruned.v1';

/**
 * What somebody expects of an export. Without `first` and `last`: all that the log had when it was made, or all from where
 * one of its own events says that those before were removed because of their age.
 */
export interface Expectation {
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  /** Only some events, by a filter: then nothing can be said of those that are not there. */
  readonly selection?: boolean;
  /** Signed checkpoints that were kept elsewhere. */
  readonly witnessed?: readonly string[];
}

export interface Verified {
  readonly size: number;
  readonly events: number;
  readonly first: number;
  readonly last: number;
  /** Sizes of the witnessed checkpoints that lie before what the export covers, and could not be compared. */
  readonly uncompared: readonly number[];
}

/** Takes the lines of an export, one after the other, and throws at the first that is not as the log's key says. */
export class ExportVerifier {
  #head: ExportHead | undefined;
  #tree: TreeHead = { size: 0, root: Buffer.alloc(0) };
  #leaves: readonly Hash[] = [];
  /** Sequence of the first of `#leaves`. */
  #blockFirst = 1;
  /** The sequence that must come next; in a selection, the least that may. */
  #next = 1;
  #events = 0;
  #witnessed: TreeHead[] = [];
  /** The tree so far; what lies before the export is in it as the first block proves it. */
  readonly #grown = new Frontier();
  /** Where it does not begin at the beginning, and nothing has said why yet. */
  #unexplained: string | undefined;

  constructor(
    private readonly key: NoteVerifier,
    private readonly expected: Expectation = {},
  ) {}

  /** @throws Tampered */
  line(text: string): void {
    const line = readLine(text);
    if (!this.#head) {
      if (!line || !('head' in line)) throw new Tampered('the first line is not the head of an export');
      this.#begin(line.head);
    } else if (!line || 'head' in line) throw new Tampered(`${this.#place()}: the line there is damaged`);
    else if ('block' in line) this.#block(this.#head, line.block);
    else this.#event(this.#head, line);
  }

  /** @throws Tampered when something is missing at the end */
  end(): Verified {
    const head = this.#head;
    if (!head) throw new Tampered('the export is empty');
    if (!head.selection && this.#next <= head.last)
      throw new Tampered(
        `the export is cut: event ${this.#next} is the first of ${head.last - this.#next + 1} missing`,
      );
    if (head.selection && this.#events === 0 && this.#leaves.length > 0)
      throw new Tampered(`the export is cut: the events of the block from ${this.#blockFirst} on are missing`);
    if (this.#unexplained !== undefined) throw new Tampered(this.#unexplained);
    const { first, last } = head;
    const uncompared = this.#witnessed
      .map((each) => each.size)
      .filter((size) => size > this.#grown.size || size < first);
    return { size: this.#tree.size, events: this.#events, first, last, uncompared };
  }

  #begin(head: ExportHead): void {
    try {
      this.#tree = openCheckpoint(this.key, head.checkpoint);
      this.#witnessed = (this.expected.witnessed ?? []).map((note) => openCheckpoint(this.key, note));
    } catch (error) {
      throw new Tampered(`a checkpoint is not signed by the log: ${error instanceof NoteError ? error.message : ''}`);
    }
    const { size } = this.#tree;
    const ahead = this.#witnessed.find((witness) => witness.size > size);
    if (ahead)
      throw new Tampered(
        `the log was rolled back: a witness saw ${ahead.size} events, and this export knows of ${size}`,
      );
    const { first = head.first, last = size, selection = false } = this.expected;
    const other = `the export is of events ${head.first} to ${head.last}, and not of ${this.expected.first ?? 1} to ${last}`;
    if (head.first !== first || head.last !== last) throw new Tampered(other);
    if (this.expected.first === undefined && first > 1) this.#unexplained = other;
    if (head.selection !== selection)
      throw new Tampered(
        head.selection ? 'the export is a selection: events were left out' : 'the export is no selection',
      );
    if (last > size || first > last + 1) throw new Tampered(`the log has no events ${first} to ${last}`);
    this.#head = head;
    this.#next = first;
    this.#blockFirst = first;
  }

  /** The hashes of a block hold when, with what stands around them, they come to the root of the checkpoint. */
  #block(head: ExportHead, { first, leaves, left, right }: ExportBlock): void {
    const end = this.#blockFirst + this.#leaves.length;
    const last = first + leaves.length - 1;
    if (head.selection ? first < end : first !== end || first !== this.#next)
      throw new Tampered(`${this.#place()}: the block of ${first} stands there`);
    if (leaves.length === 0 || last > head.last)
      throw new Tampered(`${this.#place()}: the block there is of another size`);
    let root: Hash | undefined;
    try {
      root = rootAround({ begin: first - 1, leaves, size: this.#tree.size }, left, right);
    } catch {
      // of a wrong shape: so it proves nothing
    }
    if (!root?.equals(this.#tree.root))
      throw new Tampered(`events ${first} to ${last}: their hashes are not those of the log`);
    [this.#leaves, this.#blockFirst, this.#next] = [leaves, first, first];
    if (this.#grown.size === 0 && first === head.first)
      for (const [n, { level }] of subtreesOf(0, first - 1).entries()) this.#grown.append(left[n] ?? root, level);
    for (const leaf of leaves) this.#grow(first, leaf);
  }

  /** Follows the log from its beginning, and compares it with what the witnesses saw. */
  #grow(blockFirst: number, leaf: Hash): void {
    if (this.#grown.size < blockFirst - 1) return;
    this.#grown.append(leaf);
    const witness = this.#witnessed.find(({ size }) => size === this.#grown.size);
    if (witness && !this.#grown.root().equals(witness.root))
      throw new Tampered(`this is not the log that a witness saw when it had ${witness.size} events`);
  }

  #event(head: ExportHead, { sequence, body }: ExportedEvent): void {
    if (head.selection ? sequence < this.#next : sequence !== this.#next)
      throw new Tampered(`event ${this.#next} is missing: event ${sequence} stands in its place`);
    const proven = this.#leaves[sequence - this.#blockFirst];
    if (!proven) throw new Tampered(`event ${sequence} stands outside of its block`);
    if (!leafHash(Buffer.from(body)).equals(proven)) throw new Tampered(`event ${sequence} was changed`);
    this.#next = sequence + 1;
    this.#events += 1;
    if (this.#unexplained !== undefined && saysRemoved(body, head.first - 1)) this.#unexplained = undefined;
  }

  #place(): string {
    return `event ${this.#next}`;
  }
}

/** Whether this event says that those up to `last` were removed because of their age. */
function saysRemoved(body: string, last: number): boolean {
  if (!body.includes(prunedType)) return false;
  const { type, data } = JSON.parse(body) as { type?: unknown; data?: { lastSequence?: unknown } };
  return type === prunedType && data?.lastSequence === last;
}
