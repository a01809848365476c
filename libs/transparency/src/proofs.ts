import { Frontier, hashBytes, nodeHash, subtreesOf, type Hash } from './merkle-tree.js';

/** The leaves from `begin` up to, and not including, `end`. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** The largest power of two below `n`, which is 2 at least. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The ranges whose roots are the inclusion proof of leaf `index` in the tree of `size` leaves, RFC 9162 section 2.1.3.1. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError('no such leaf');
  const path = (begin: number, end: number): Range[] => {
    if (end - begin === 1) return [];
    const middle = begin + split(end - begin);
    return index < middle
      ? [...path(begin, middle), { begin: middle, end }]
      : [...path(middle, end), { begin, end: middle }];
  };
  return path(0, size);
}

/** The ranges whose roots prove that the tree of `first` leaves is the beginning of that of `second`, RFC 9162 section 2.1.4.1. */
export function consistencyRanges(first: number, second: number): Range[] {
  if (!(first > 0 && first <= second)) throw new RangeError('no such trees');
  const subproof = (begin: number, end: number, whole: boolean): Range[] => {
    if (first === end) return whole ? [] : [{ begin, end }];
    const middle = begin + split(end - begin);
    return first <= middle
      ? [...subproof(begin, middle, whole), { begin: middle, end }]
      : [...subproof(middle, end, false), { begin, end: middle }];
  };
  return first === second ? [] : subproof(0, second, true);
}

const isHash = (value: Hash): boolean => value.length === hashBytes;

/** RFC 9162 section 2.1.3.2. */
export function includes(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!(index >= 0 && index < size) || !proof.every(isHash)) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = nodeHash(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && r.equals(root);
}

/** RFC 9162 section 2.1.4.2. */
export function isBeginningOf(
  first: { size: number; root: Hash },
  second: { size: number; root: Hash },
  proof: readonly Hash[],
): boolean {
  if (!(first.size > 0 && first.size <= second.size) || !proof.every(isHash)) return false;
  if (first.size === second.size) return proof.length === 0 && first.root.equals(second.root);
  const path = isPowerOfTwo(first.size) ? [first.root, ...proof] : [...proof];
  const start = path.shift();
  if (!start) return false;
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [fr, sr] = [start, start];
  for (const c of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && fr.equals(first.root) && sr.equals(second.root);
}

/**
 * The root of the tree of `size` leaves of which the leaves from `begin` on are known, and of the rest the roots of its
 * perfect subtrees (`subtreesOf`), to the left and to the right.
 * @throws RangeError when they do not fit together
 */
export function rootAround(
  { begin, leaves, size }: { begin: number; leaves: readonly Hash[]; size: number },
  left: readonly Hash[],
  right: readonly Hash[],
): Hash {
  const tree = new Frontier();
  const add = (from: number, to: number, hashes: readonly Hash[]) => {
    const nodes = subtreesOf(from, to);
    if (nodes.length !== hashes.length) throw new RangeError('the proof has another length');
    nodes.forEach(({ level }, n) => {
      const hash = hashes[n];
      if (!hash || !isHash(hash)) throw new RangeError('the proof has something that is no hash');
      tree.append(hash, level);
    });
  };
  const end = begin + leaves.length;
  if (end > size) throw new RangeError('more leaves than the tree has');
  add(0, begin, left);
  for (const leaf of leaves) tree.append(leaf);
  add(end, size, right);
  return tree.root();
}

const half = (n: number): number => Math.floor(n / 2);
const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));
