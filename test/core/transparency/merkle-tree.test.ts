// A Merkle tree of our own against the vectors of Certificate Transparency, and against every lie about a path.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import { hashLeaf, hashSubtree, isIncluded, proveInclusion } from '../../../src/core/transparency/index.ts';

/** Leaves and roots of certificate-transparency-go, `merkle_verifier_test`. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const treeOf = (leaves: readonly Uint8Array[]) => {
  const hashOf = (first: number, size: number): Uint8Array =>
    size === 1 ? leaves[first]! : hashSubtree(first, size, hashOf);
  return hashOf;
};
const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => hashLeaf(Uint8Array.of(index, 1)));

describe('a Merkle tree', () => {
  it('has the roots of the published vectors [RFC9162 §2.1.1]', () => {
    const leaves = inputs.map((text) => hashLeaf(decodeHex(text)));
    const found = leaves.map((_, index) => encodeHex(treeOf(leaves)(0, index + 1)));
    assert.deepEqual(found, roots);
  });

  it('proves every leaf of every tree, at its place and in its tree alone [RFC9162 §2.1.3]', () => {
    for (let size = 1; size <= 20; size += 1) {
      const leaves = leavesOf(size);
      const hashOf = treeOf(leaves);
      const tree = { size, root: hashOf(0, size) };
      for (const [index, leaf] of leaves.entries()) {
        const path = proveInclusion(index, size, hashOf);
        assert.ok(isIncluded({ leaf, index, path }, tree));
        const elsewhere = leaves.map((_, place) => place).filter((place) => place !== index);
        assert.ok(!elsewhere.some((place) => isIncluded({ leaf, index: place, path }, tree)), 'at another place');
        assert.ok(!elsewhere.some((place) => isIncluded({ leaf: leaves[place]!, index, path }, tree)), 'another leaf');
        assert.ok(size === 1 || !isIncluded({ leaf, index, path: path.slice(1) }, tree), 'a path too short');
        assert.ok(!isIncluded({ leaf, index, path: [...path, leaf] }, tree), 'a path too long');
      }
    }
  });

  it('rejects when there is nothing to verify: an empty tree, and places that no tree has', () => {
    const [leaf = new Uint8Array(32)] = leavesOf(1);
    for (const [index, size] of [
      [0, 0],
      [-1, 1],
      [1, 1],
      [0.5, 1],
      [Number.NaN, 1],
      [0, Number.NaN],
      [0, Infinity],
    ] as const)
      // prettier-ignore
      assert.equal(isIncluded({ leaf, index, path: [] }, { size, root: leaf }), false, `${index} of ${size}`);
  });

  it('rejects a path with any bit flipped', () => {
    const property = fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, place, bit) => {
      const leaves = leavesOf(size);
      const hashOf = treeOf(leaves);
      const index = place % size;
      const path = proveInclusion(index, size, hashOf).map((one) => one.slice());
      const tree = { size, root: hashOf(0, size) };
      const inclusion = { leaf: leaves[index]!, index, path };
      assert.ok(isIncluded(inclusion, tree));
      const chosen = path[bit % path.length]!;
      chosen[bit % 32]! ^= 1 << (bit % 8);
      assert.ok(!isIncluded(inclusion, tree));
    });
    fc.assert(property, { numRuns: 100 });
  });
});
