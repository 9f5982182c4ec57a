// A Merkle tree over the entries of a log, in their order: one hash stands for all of them, and a short path proves that an entry is
// among them, at its place. [RFC9162 §2.1]
import { hash } from '../crypto/index.ts';
import { bytesEqual } from '../encoding/index.ts';

/** No leaf can be taken for a node: each has a prefix of its own. [RFC9162 §2.1.1] */
const [leafPrefix, nodePrefix] = [Uint8Array.of(0), Uint8Array.of(1)];

/** Hash of the `size` leaves from number `first`, which is a whole subtree; `size` is 1 or more. */
export type SubtreeHash = (first: number, size: number) => Uint8Array;

/** The hash of a leaf: SHA-256, 32 bytes. [RFC9162 §2.1.1] */
export function hashLeaf(data: Uint8Array): Uint8Array {
  return hash('sha256', leafPrefix, data);
}

/** The hash of a subtree of two leaves or more, from those of its halves. */
export function hashSubtree(first: number, size: number, hashOf: SubtreeHash): Uint8Array {
  const left = leftSize(size);
  return hashNode(hashOf(first, left), hashOf(first + left, size - left));
}

/** Inclusion proof of leaf `index` in a tree of `size` leaves: the hashes of the siblings on the way to the root, from below.
 * [RFC9162 §2.1.3.1] */
export function proveInclusion(index: number, size: number, hashOf: SubtreeHash): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  let [first, remaining] = [0, size];
  while (remaining > 1) {
    const left = leftSize(remaining);
    const isLeft = index < first + left;
    path.unshift(isLeft ? hashOf(first + left, remaining - left) : hashOf(first, left));
    [first, remaining] = isLeft ? [first, left] : [first + left, remaining - left];
  }
  return path;
}

/** A claim that a leaf is in a tree. Whoever brings it chooses all of it. */
export interface Inclusion {
  /** Hash of the leaf. */
  readonly leaf: Uint8Array;
  /** Its place, from 0. */
  readonly index: number;
  /** The inclusion proof. */
  readonly path: readonly Uint8Array[];
}

/** Whether the path leads from the leaf, at just this place, to the root of the tree of `size` leaves. [RFC9162 §2.1.3.2] */
export function isIncluded(
  { leaf, index, path }: Inclusion,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): boolean {
  const turns = turnsTo(index, size);
  if (turns === undefined || turns.length !== path.length) return false;
  const found = path.reduce((below, beside, step) => {
    return turns[step] === 'left' ? hashNode(below, beside) : hashNode(beside, below);
  }, leaf);
  return bytesEqual(found, root);
}

/** On which side of each node the leaf lies, from below; undefined where the tree has no such leaf. */
function turnsTo(index: number, size: number): readonly ('left' | 'right')[] | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  const turns: ('left' | 'right')[] = [];
  let [place, remaining] = [index, size];
  while (remaining > 1) {
    const left = leftSize(remaining);
    turns.unshift(place < left ? 'left' : 'right');
    [place, remaining] = place < left ? [place, left] : [place - left, remaining - left];
  }
  return turns;
}

/** SHA-256, 32 bytes. [RFC9162 §2.1.1] */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', nodePrefix, left, right);
}

/** The largest power of two below `size`, which is 2 or more. */
export function leftSize(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}
