// Consistency proofs of our own against the vectors of Certificate Transparency, against the verification as the RFC words it, and
// against every lie about a path.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hash } from '../../../src/core/crypto/index.ts';
import { bytesEqual, concatBytes, decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import { hashLeaf, isConsistent, proveConsistency, type TreeHead } from '../../../src/core/transparency/index.ts';

const most = 200;
const leaves = Array.from({ length: most }, (_, index) => hashLeaf(Uint8Array.of(index >> 8, index & 255)));
const node = (left: Uint8Array, right: Uint8Array) => hash('sha256', concatBytes(Uint8Array.of(1), left, right));

/** The root as the RFC defines it, of leaves and not of subtrees. [RFC9162 §2.1.1] */
function rootOf(some: readonly Uint8Array[]): Uint8Array {
  if (some.length === 1) return some[0]!;
  const half = 2 ** Math.ceil(Math.log2(some.length) - 1);
  return node(rootOf(some.slice(0, half)), rootOf(some.slice(half)));
}

const known = new Map<string, Uint8Array>();
const hashOf = (first: number, size: number): Uint8Array => {
  const name = `${first}/${size}`;
  const found = known.get(name) ?? rootOf(leaves.slice(first, first + size));
  known.set(name, found);
  return found;
};
const headOf = (size: number): TreeHead => ({ size, root: hashOf(0, size) });

/** Word for word. [RFC9162 §2.1.4.2] */
function verifyAsWritten(proof: readonly Uint8Array[], first: TreeHead, second: TreeHead): boolean {
  if (first.size === second.size) return proof.length === 0 && bytesEqual(first.root, second.root);
  if (proof.length === 0 || first.size < 1 || first.size > second.size) return false;
  const isPower = Number.isInteger(Math.log2(first.size));
  const path = isPower ? [first.root, ...proof] : [...proof];
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0]!, path[0]!];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [node(c, fr), node(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else {
      sr = node(sr, c);
    }
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 && bytesEqual(fr, first.root) && bytesEqual(sr, second.root);
}

describe('consistency of two trees', () => {
  it('has the proofs of the published vectors [RFC9162 §2.1.4.1]', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const published = inputs.map((text) => hashLeaf(decodeHex(text)));
    const subtree = (first: number, size: number) => rootOf(published.slice(first, first + size));
    // certificate-transparency-go, `merkle_verifier_test`.
    const vectors: readonly (readonly [number, number, readonly string[]])[] = [
      [1, 1, []],
      [1, 8, [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ]],
      [6, 8, [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ]],
      [2, 5, [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ]],
    ]; // prettier-ignore
    for (const [from, size, path] of vectors) {
      assert.deepEqual(proveConsistency(from, size, subtree).map(encodeHex), path, `${from} to ${size}`);
      const heads = [from, size].map((count) => ({ size: count, root: subtree(0, count) })) as [TreeHead, TreeHead];
      assert.ok(isConsistent(path.map(decodeHex), ...heads));
    }
  });

  it('is proved between any two sizes, as the RFC verifies it, by a path that is logarithmic [RFC9162 §2.1.4]', () => {
    for (let size = 1; size <= most; size += 1) {
      for (let from = 1; from <= size; from += 1) {
        const path = proveConsistency(from, size, hashOf);
        assert.ok(isConsistent(path, headOf(from), headOf(size)), `${from} to ${size}`);
        assert.ok(verifyAsWritten(path, headOf(from), headOf(size)), `${from} to ${size}, as written`);
        assert.ok(path.length <= Math.ceil(Math.log2(size)) + 1, `${from} to ${size}: ${path.length}`);
      }
    }
  });

  it('is proved by one path alone: not with a node changed, missing, added or moved, nor of other sizes or roots', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
    const property = fc.property(sizes, fc.nat(255), ([one, other], bit) => {
      const [from, size] = [Math.min(one, other), Math.max(one, other)];
      const [earlier, later] = [headOf(from), headOf(size)];
      const path = proveConsistency(from, size, hashOf);
      const refuse = (name: string, wrong: readonly Uint8Array[], first = earlier, second = later): void => {
        assert.equal(isConsistent(wrong, first, second), false, `${from} to ${size}: ${name}`);
        assert.equal(verifyAsWritten(wrong, first, second), false, `${from} to ${size}: ${name}, as written`);
      };
      for (const place of path.keys()) {
        refuse(`node ${place} changed`, path.with(place, flip(path[place]!, bit)));
        refuse(`node ${place} missing`, path.toSpliced(place, 1));
        refuse(`node ${place} twice`, path.toSpliced(place, 0, path[place]!));
      }
      refuse('one node too many', [...path, later.root]);
      refuse('one node too many below', [earlier.root, ...path]);
      if (path.length > 1) refuse('backwards', path.toReversed());
      refuse('another earlier root', path, { ...earlier, root: flip(earlier.root, bit) });
      refuse('another later root', path, earlier, { ...later, root: flip(later.root, bit) });
      if (from === size) return;
      refuse('no path', []);
      refuse('the sizes swapped', path, later, earlier);
      refuse('the sizes swapped, and not the roots', path, { ...later, size: from }, { ...earlier, size });
      refuse('equal sizes', path, { ...earlier, size }, later);
      refuse('equal sizes, no path', [], { ...earlier, size }, later);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('is not proved of other sizes than those of the path, whatever the roots: no size can be lied about alone', () => {
    const wrong: string[] = [];
    for (let size = 2; size <= 40; size += 1) {
      for (let from = 1; from < size; from += 1) {
        const path = proveConsistency(from, size, hashOf);
        for (let claimed = 1; claimed <= size; claimed += 1) {
          if (claimed === from) continue;
          // Another size with its own, true root is another question: the path must not answer it.
          if (isConsistent(path, headOf(claimed), headOf(size)))
            wrong.push(`${claimed} by the path of ${from} to ${size}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('rejects when there is nothing to verify: an empty tree, equal sizes with another root, and sizes that no tree has', () => {
    const { root } = headOf(1);
    for (const [from, size] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [-1, 1],
      [0.5, 1],
      [2, 1],
      [1, 1.5],
      [Number.NaN, 1],
      [1, Number.NaN],
      [1, Infinity],
      [Infinity, Infinity],
    ] as const) {
      for (const path of [[], [root]])
        assert.equal(isConsistent(path, { size: from, root }, { size, root }), false, `${from} to ${size}`);
    }
    assert.ok(isConsistent([], headOf(5), headOf(5)));
    assert.equal(isConsistent([], headOf(5), { size: 5, root }), false);
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}
