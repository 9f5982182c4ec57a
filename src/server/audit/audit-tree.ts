// A Merkle tree over the audit log, computed from the hashes that the log has anyway: nothing more is stored, and every server that
// shares the log comes to the same. In memory are only whole tiles, and what lies above them, and those never change. [RFC9162 §2.1]
import { bytesEqual } from '../../core/encoding/index.ts';
import {
  hashLeaf,
  hashSubtree,
  proveConsistency,
  proveInclusion,
  type SubtreeHash,
} from '../../core/transparency/index.ts';
import { ServerError } from '../errors.ts';
import { ownTurn } from '../own-turn.ts';
import type { Store } from '../storage/index.ts';
import { createTileRoots, hashAt } from './tile-roots.ts';

export interface AuditProof {
  /** Entries of the log, and the root of the tree over all of them. */
  readonly size: number;
  readonly root: Uint8Array;
  /** For each entry that was asked for, in the same order, its path to the root. */
  readonly paths: readonly (readonly Uint8Array[])[];
}

export interface AuditExtension {
  readonly size: number;
  readonly root: Uint8Array;
  /** From the tree of the first entries to this one. Undefined where nobody asked, or the log does not have as many. */
  readonly path: readonly Uint8Array[] | undefined;
}

/** The first call after a start reads the hashes of the whole log, page by page. A later one reads those that are new and those of the
 * tiles that it proves something in, and makes as many hashes as the tree is high, beside those of such tiles. `size` is 1 or more. */
export interface AuditTree {
  /** Proves entries by their sequence in the tree of the first `size` entries.
   * @throws ServerError AUDIT_LOG_BROKEN where entries were taken out, or are not those that they were */
  prove(sequences: readonly number[], size: number): Promise<AuditProof>;
  /** Proves that the tree of the first `size` entries begins with that of the first `from`, which are 1 or more.
   * @throws ServerError AUDIT_LOG_BROKEN as `prove` */
  extend(from: number | undefined, size: number): Promise<AuditExtension>;
}

const tileSize = 256;
/** Read and hashed in one turn of the event loop: other requests are served between. */
const tilesPerPage = 2;

export function createAuditTree(store: Pick<Store, 'listAuditHashes'>): AuditTree {
  const roots = createTileRoots();

  async function readLeaves(first: number, count: number): Promise<readonly Uint8Array[]> {
    const hashes = await store.listAuditHashes(first, count);
    if (hashes.length < count) {
      const problem = `it lacks ${count - hashes.length} of the entries ${first + 1} to ${first + count}`;
      throw new ServerError('AUDIT_LOG_BROKEN', problem);
    }
    return hashes.map(hashLeaf);
  }

  /** Two that grow it at once come to the same roots: the first one counts. */
  async function grow(tiles: number): Promise<void> {
    for (let first = roots.tiles; first < tiles; first = roots.tiles) {
      const count = Math.min(tilesPerPage, tiles - first);
      // An embedded database answers in the same turn.
      await ownTurn();
      const leaves = await readLeaves(first * tileSize, count * tileSize);
      for (let tile = 0; tile < count; tile += 1)
        roots.keep(first + tile, rootOf(leaves.slice(tile * tileSize, (tile + 1) * tileSize)));
    }
  }

  /** Hashes within one tile of the tree of `size` entries. The last tile may not be whole: then it has no root of its own. */
  async function readTile(tile: number, size: number): Promise<SubtreeHash> {
    const first = tile * tileSize;
    const hashOf = remembering(await readLeaves(first, Math.min(tileSize, size - first)));
    const isWhole = first + tileSize <= size;
    if (isWhole && !bytesEqual(hashOf(0, tileSize), roots.at(0, tile))) {
      const problem = `entries ${first + 1} to ${first + tileSize} are not those that they were since this server started`;
      throw new ServerError('AUDIT_LOG_BROKEN', problem);
    }
    return hashOf;
  }

  /** Hashes of the tree of `size` entries: those within a tile for the tiles of `indexes`, and for the last, alone. */
  async function open(size: number, indexes: readonly number[]): Promise<SubtreeHash> {
    await grow(Math.floor(size / tileSize));
    const tiles = new Map<number, SubtreeHash>();
    for (const tile of new Set([...indexes, size - 1].map((index) => Math.floor(index / tileSize))))
      tiles.set(tile, await readTile(tile, size));
    const hashOf: SubtreeHash = (first, count) => {
      if (count < tileSize) return withinTile(tiles, first, count);
      const level = Math.log2(count / tileSize);
      return Number.isInteger(level) ? roots.at(level, first / count) : hashSubtree(first, count, hashOf);
    };
    return hashOf;
  }

  return {
    prove: async (sequences, size) => {
      const indexes = sequences.map((sequence) => sequence - 1);
      const hashOf = await open(size, indexes);
      return { size, root: hashOf(0, size), paths: indexes.map((index) => proveInclusion(index, size, hashOf)) };
    },
    extend: async (from, size) => {
      const isThere = from !== undefined && from <= size;
      const hashOf = await open(size, isThere ? [from - 1] : []);
      return { size, root: hashOf(0, size), path: isThere ? proveConsistency(from, size, hashOf) : undefined };
    },
  };
}

function withinTile(tiles: ReadonlyMap<number, SubtreeHash>, first: number, count: number): Uint8Array {
  const hashOf = tiles.get(Math.floor(first / tileSize));
  if (hashOf === undefined) throw new RangeError(`the tile of entry ${first + 1} was not read`);
  return hashOf(first % tileSize, count);
}

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const hashOf: SubtreeHash = (first, count) =>
    count === 1 ? hashAt(leaves, first) : hashSubtree(first, count, hashOf);
  return hashOf(0, leaves.length);
}

/** Each subtree is hashed once. */
function remembering(leaves: readonly Uint8Array[]): SubtreeHash {
  const known = new Map<number, Uint8Array>();
  const hashOf: SubtreeHash = (first, count) => {
    if (count === 1) return hashAt(leaves, first);
    const name = first * (tileSize + 1) + count;
    const found = known.get(name) ?? hashSubtree(first, count, hashOf);
    known.set(name, found);
    return found;
  };
  return hashOf;
}
