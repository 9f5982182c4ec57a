// Roots of the whole tiles of a tree, and of all that lies above them: what never changes, and is kept. [RFC9162 §2.1]
import { hashSubtree } from '../../core/transparency/index.ts';

export interface TileRoots {
  /** How many tiles are kept, from the first. */
  readonly tiles: number;
  /** Keeps the root of the next tile, and makes that of whatever it is the last tile of. A tile that is kept stays as it is. */
  keep(tile: number, root: Uint8Array): void;
  /** The root of the 2^level tiles that begin with tile index * 2^level.
   * @throws RangeError where not all of them are kept */
  at(level: number, index: number): Uint8Array;
}

export function createTileRoots(): TileRoots {
  /** `levels[n][i]`: the root of the 2^n tiles from tile i * 2^n. */
  const levels: Uint8Array[][] = [];
  const levelOf = (level: number): Uint8Array[] => (levels[level] ??= []);
  const at = (level: number, index: number): Uint8Array => hashAt(levelOf(level), index);
  return {
    get tiles() {
      return levelOf(0).length;
    },
    keep: (tile, root) => {
      if (levelOf(0)[tile] !== undefined) return;
      levelOf(0)[tile] = root;
      for (let [level, index] = [1, tile]; index % 2 === 1; level += 1) {
        const below = level - 1;
        index = (index - 1) / 2;
        const first = index * 2;
        levelOf(level)[index] = hashSubtree(0, 2, (half) => at(below, first + half));
      }
    },
    at,
  };
}

/** @throws RangeError */
export function hashAt(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const found = hashes[index];
  if (found === undefined) throw new RangeError(`no hash at ${index}`);
  return found;
}
