// That a log of `size` entries begins with what it was at `from` entries: one short path that leads to both roots. Whoever kept the
// earlier root sees that nothing before it was changed, moved or taken out. [RFC9162 §2.1.4]
import { bytesEqual } from '../encoding/index.ts';
import { hashNode, leftSize, type SubtreeHash } from './merkle-tree.ts';

/** A tree as somebody says it is. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Consistency proof between the tree of the first `from` leaves (1 to `size`) and that of all `size`: hashes of subtrees, from below.
 * [RFC9162 §2.1.4.1]
 * @throws RangeError when `from` is not 1 to `size` */
export function proveConsistency(from: number, size: number, hashOf: SubtreeHash): readonly Uint8Array[] {
  const way = wayTo(from, size);
  if (way === undefined) throw new RangeError(`no tree of ${from} leaves in one of ${size}`);
  const path = way.steps.map(({ first, count }) => hashOf(first, count));
  // Where the whole earlier tree is one subtree of the later one, its root is known.
  return way.end.first === 0 ? path : [hashOf(way.end.first, way.end.count), ...path];
}

/** Whether the consistency proof `path` leads to both roots: then the later tree begins with the leaves of the earlier one, in their
 * order. Whoever brings the proof chooses all of it. False for a tree without leaves: nothing follows from that. [RFC9162 §2.1.4.2] */
export function isConsistent(path: readonly Uint8Array[], earlier: TreeHead, later: TreeHead): boolean {
  const way = wayTo(earlier.size, later.size);
  if (way === undefined) return false;
  const [seed, beside] = way.end.first === 0 ? [earlier.root, path] : [path[0], path.slice(1)];
  if (seed === undefined || beside.length !== way.steps.length) return false;
  let [before, after] = [seed, seed];
  for (const [place, node] of beside.entries()) {
    const isBefore = way.steps[place]?.side === 'left';
    // What lies to the right came after the earlier tree.
    if (isBefore) before = hashNode(node, before);
    after = isBefore ? hashNode(node, after) : hashNode(after, node);
  }
  return bytesEqual(before, earlier.root) && bytesEqual(after, later.root);
}

/** A whole subtree, by its first leaf and how many it has. */
interface Subtree {
  readonly first: number;
  readonly count: number;
}

interface Way {
  /** The last subtree of the earlier tree that is one of the later tree too. */
  readonly end: Subtree;
  /** What lies beside the way from there to the root, from below, and on which side of it. */
  readonly steps: readonly (Subtree & { readonly side: 'left' | 'right' })[];
}

/** Undefined where the later tree has no such beginning. */
function wayTo(from: number, size: number): Way | undefined {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(size) || from < 1 || from > size) return undefined;
  const steps: Way['steps'][number][] = [];
  let end = { first: 0, count: size };
  while (end.first + end.count > from) {
    const { first, count } = end;
    const left = { first, count: leftSize(count) };
    const right = { first: first + left.count, count: count - left.count };
    const isLeft = from <= right.first;
    steps.unshift(isLeft ? { ...right, side: 'right' } : { ...left, side: 'left' });
    end = isLeft ? left : right;
  }
  return { end, steps };
}
