import { hash } from 'node:crypto';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;
export const hashBytes = 32;

/** What a leaf's bytes come to: SHA-256(0x00 || bytes), RFC 9162 section 2.1.1. */
export function leafHash(bytes: Uint8Array): Hash {
  const input = Buffer.allocUnsafe(1 + bytes.length);
  input[0] = 0x00;
  input.set(bytes, 1);
  return hash('sha256', input, 'buffer');
}

/** What two subtrees come to: SHA-256(0x01 || left || right), RFC 9162 section 2.1.1. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return hash('sha256', input, 'buffer');
}

/** The root of a tree without leaves. */
export const emptyRoot = (): Hash => hash('sha256', Buffer.alloc(0), 'buffer');

/** A perfect subtree: the leaves from `index * 2^level` on, `2^level` of them. */
export interface Node {
  readonly level: number;
  readonly index: number;
}

/** The fewest perfect subtrees that are the leaves from `begin` up to, and not including, `end`; from left to right. */
export function subtreesOf(begin: number, end: number): Node[] {
  const nodes: Node[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The root of subtrees that stand side by side, as `subtreesOf` gives them for a range that starts where it may. */
export function foldRight(hashes: readonly Hash[]): Hash {
  const last = hashes.at(-1);
  if (!last) return emptyRoot();
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/**
 * A tree that grows at its right end and keeps only what it needs for that: the roots of its perfect subtrees, at most one
 * a level.
 */
export class Frontier {
  #size = 0;
  #nodes: Hash[] = [];

  get size(): number {
    return this.#size;
  }

  copy(): Frontier {
    const other = new Frontier();
    other.#size = this.#size;
    other.#nodes = [...this.#nodes];
    return other;
  }

  /**
   * Adds a perfect subtree of `2^level` leaves; a leaf is one of level 0.
   * @param onNode told of every perfect subtree that this one completes, from below
   * @throws RangeError when a subtree of this level cannot begin here
   */
  append(subtree: Hash, level = 0, onNode?: (level: number, node: Hash) => void): void {
    let place = this.#size / 2 ** level;
    if (!Number.isInteger(place)) throw new RangeError(`no subtree of level ${level} begins at ${this.#size}`);
    let node = subtree;
    let height = level;
    for (; place % 2 === 1; place = (place - 1) / 2) {
      const left = this.#nodes.pop();
      if (!left) throw new RangeError('the tree lacks a subtree');
      node = nodeHash(left, node);
      height += 1;
      onNode?.(height, node);
    }
    this.#nodes.push(node);
    this.#size += 2 ** level;
  }

  root(): Hash {
    return foldRight(this.#nodes);
  }
}

/** The root of the tree over these leaves, or over as many perfect subtrees of one size. */
export function rootOf(leaves: readonly Hash[]): Hash {
  const tree = new Frontier();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}
