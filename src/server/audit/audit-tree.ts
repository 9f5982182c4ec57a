// A Merkle tree over the audit log, computed from the hashes that the log has anyway: nothing more is stored, and every server that
// shares the log comes to the same. In memory are only the roots of whole tiles, and those never change. [RFC9162 §2.1]
import { hashLeaf, hashSubtree, provePath, type SubtreeHash } from '../../core/transparency/index.ts';
import { ServerError } from '../errors.ts';
import type { Store } from '../storage/index.ts';

export interface AuditProof {
  /** Entries of the log, and the root of the tree over all of them. */
  readonly size: number;
  readonly root: Uint8Array;
  /** For each entry that was asked for, in the same order, its path to the root. */
  readonly paths: readonly (readonly Uint8Array[])[];
}

export interface AuditTree {
  /** Proves entries by their sequence in the tree of the first `size` entries, which has 1 or more. The first call after a start reads
   * the hashes of the whole log, page by page.
   * @throws ServerError AUDIT_LOG_BROKEN where entries were taken out */
  prove(sequences: readonly number[], size: number): Promise<AuditProof>;
}

const tileSize = 256;
/** Read at once: other requests are served between. */
const tilesPerPage = 8;

export function createAuditTree(store: Pick<Store, 'listAuditHashes'>): AuditTree {
  const roots: Uint8Array[] = [];

  async function readLeaves(first: number, count: number): Promise<readonly Uint8Array[]> {
    const hashes = await store.listAuditHashes(first, count);
    if (hashes.length < count)
      throw new ServerError('AUDIT_LOG_BROKEN', `it lacks entries behind ${first + hashes.length}`);
    return hashes.map(hashLeaf);
  }

  /** Two that grow it at once come to the same roots. */
  async function grow(tiles: number): Promise<void> {
    while (roots.length < tiles) {
      const first = roots.length;
      const count = Math.min(tilesPerPage, tiles - first);
      const leaves = await readLeaves(first * tileSize, count * tileSize);
      const hashOf: SubtreeHash = (from, size) => (size === 1 ? leafAt(leaves, from) : hashSubtree(from, size, hashOf));
      for (let tile = 0; tile < count; tile += 1) roots[first + tile] = hashOf(tile * tileSize, tileSize);
    }
  }

  return {
    prove: async (sequences, size) => {
      await grow(Math.floor(size / tileSize));
      const tiles = new Map<number, readonly Uint8Array[]>();
      // The last one is not whole: it has no root of its own.
      for (const index of [...sequences.map((sequence) => sequence - 1), size - 1]) {
        const tile = Math.floor(index / tileSize);
        if (tiles.has(tile)) continue;
        const first = tile * tileSize;
        tiles.set(tile, await readLeaves(first, Math.min(tileSize, size - first)));
      }
      const known = new Map<string, Uint8Array>();
      const compute: SubtreeHash = (first, count) => {
        const tile = Math.floor(first / tileSize);
        if (count === 1) return leafAt(tiles.get(tile) ?? [], first % tileSize);
        if (count === tileSize) return leafAt(roots, tile);
        return hashSubtree(first, count, hashOf);
      };
      const hashOf: SubtreeHash = (first, count) => {
        const name = `${first}/${count}`;
        const found = known.get(name) ?? compute(first, count);
        known.set(name, found);
        return found;
      };
      const paths = sequences.map((sequence) => provePath(sequence - 1, size, hashOf));
      return { size, root: hashOf(0, size), paths };
    },
  };
}

function leafAt(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const found = hashes[index];
  if (found === undefined) throw new RangeError(`no hash at ${index}`);
  return found;
}
