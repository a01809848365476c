import { describe, expect, it } from 'vitest';
import { emptyRoot, foldRight, Frontier, leafHash, nodeHash, rootOf, subtreesOf, type Hash } from './merkle-tree.js';
import { consistencyRanges, includes, inclusionRanges, isBeginningOf, rootAround } from './proofs.js';

/** The leaves and roots that Certificate Transparency's own implementations test with (RFC 6962, same hashing as RFC 9162). */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHash(Buffer.from(hex, 'hex')),
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const many = Array.from({ length: 70 }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));
const rangeRoot = ({ begin, end }: { begin: number; end: number }) => rootOf(many.slice(begin, end));

describe('the tree (RFC 9162 section 2.1)', () => {
  it('comes to the roots of the known vectors', () => {
    for (let size = 0; size <= 8; size += 1) expect(rootOf(leaves.slice(0, size)).toString('hex')).toBe(roots[size]);
    expect(emptyRoot().toString('hex')).toBe(roots[0]);
  });

  it('tells of each perfect subtree once, when it is complete', () => {
    const told: string[] = [];
    const tree = new Frontier();
    for (const leaf of leaves) tree.append(leaf, 0, (level, node) => told.push(`${level} ${node.toString('hex')}`));
    expect(told.map((line) => line[0]).join('')).toBe('1121123');
    expect(told.at(-1)).toBe(`3 ${roots[8] ?? ''}`);
  });

  it('grows by subtrees as by leaves, and refuses one that cannot begin where it ends', () => {
    const tree = new Frontier();
    const [a, b, c] = many as [Hash, Hash, Hash];
    tree.append(nodeHash(a, b), 1);
    const other = tree.copy();
    tree.append(c);
    expect(tree.root()).toEqual(rootOf([a, b, c]));
    expect(other.size).toBe(2);
    expect(() => {
      tree.append(nodeHash(a, b), 1);
    }).toThrow(RangeError);
  });

  it('is the fold of the subtrees of any range that starts at a subtree of its size', () => {
    for (let end = 1; end <= many.length; end += 1)
      expect(
        foldRight(
          subtreesOf(0, end).map(({ level, index }) =>
            rangeRoot({ begin: index * 2 ** level, end: (index + 1) * 2 ** level }),
          ),
        ),
      ).toEqual(rangeRoot({ begin: 0, end }));
  });
});

describe('proofs', () => {
  it('of inclusion hold for the leaf, its place, its tree, and nothing else', () => {
    for (const size of [1, 2, 3, 7, 8, 33, 70]) {
      const root = rangeRoot({ begin: 0, end: size });
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionRanges(index, size).map(rangeRoot);
        const leaf = many[index] as Hash;
        expect(includes(leaf, index, size, proof, root), `${index} of ${size}`).toBe(true);
        expect(includes(many[(index + 1) % 70] as Hash, index, size, proof, root)).toBe(false);
        expect(includes(leaf, index + 1, size, proof, root)).toBe(false);
        expect(includes(leaf, index, size, [...proof, leaf], root)).toBe(false);
        if (proof.length > 0) expect(includes(leaf, index, size, proof.slice(1), root)).toBe(false);
      }
    }
  });

  it('of consistency hold for a beginning of the log, and for no other log', () => {
    for (let second = 1; second <= 70; second += 3)
      for (let first = 1; first <= second; first += 1) {
        const proof = consistencyRanges(first, second).map(rangeRoot);
        const [a, b] = [first, second].map((end) => ({ size: end, root: rangeRoot({ begin: 0, end }) })) as [
          { size: number; root: Hash },
          { size: number; root: Hash },
        ];
        expect(isBeginningOf(a, b, proof), `${first} of ${second}`).toBe(true);
        const forked = { size: first, root: rootOf([...many.slice(1, first), many[69] as Hash]) };
        expect(isBeginningOf(forked, b, proof)).toBe(false);
        expect(isBeginningOf(a, b, [...proof, a.root])).toBe(false);
      }
    expect(() => consistencyRanges(3, 2)).toThrow(RangeError);
    expect(() => inclusionRanges(2, 2)).toThrow(RangeError);
  });

  it('of a range give the root from any leaves with what stands around them', () => {
    const size = 70;
    const nodes = (from: number, to: number) =>
      subtreesOf(from, to).map(({ level, index }) =>
        rangeRoot({ begin: index * 2 ** level, end: (index + 1) * 2 ** level }),
      );
    for (const [begin, end] of [
      [0, 70],
      [0, 1],
      [69, 70],
      [13, 37],
      [32, 64],
    ] as const) {
      const leavesOf = many.slice(begin, end);
      const root = rootAround({ begin, leaves: leavesOf, size }, nodes(0, begin), nodes(end, size));
      expect(root).toEqual(rangeRoot({ begin: 0, end: size }));
      expect(() =>
        rootAround({ begin, leaves: leavesOf, size }, nodes(0, begin), [...nodes(end, size), root]),
      ).toThrow();
    }
  });
});
