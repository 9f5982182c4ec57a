// The tree over the audit log from the hashes alone: the same as one that is computed from nothing, however far it had grown before.
import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { hashLeaf, hashSubtree, isIncluded, type SubtreeHash } from '../../../src/core/transparency/index.ts';
import { createAuditTree } from '../../../src/server/audit/audit-tree.ts';

const hashes = Array.from({ length: 5000 }, (_, index) => hash('sha256', Uint8Array.of(index >> 8, index & 255)));
const leaves = hashes.map(hashLeaf);
const wholeTree: SubtreeHash = (first, size) => (size === 1 ? leaves[first]! : hashSubtree(first, size, wholeTree));

function storeOf(known: readonly Uint8Array[]) {
  const asked: (readonly [number, number])[] = [];
  return {
    asked,
    listAuditHashes: (after: number, limit: number) => {
      asked.push([after, limit]);
      return Promise.resolve(known.slice(after, after + limit));
    },
  };
}

describe('the tree over the audit log', () => {
  it('has the root of the whole, and proves entries of its first, last and middle tiles, as it grows', async () => {
    const tree = createAuditTree(storeOf(hashes));
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 2048, 2049, 4999, 5000, 300]) {
      const sequences = [...new Set([1, Math.ceil(size / 2), size])];
      const { root, paths } = await tree.prove(sequences, size);
      assert.deepEqual(root, wholeTree(0, size), `${size} entries`);
      for (const [place, sequence] of sequences.entries()) {
        const inclusion = { leaf: leaves[sequence - 1]!, index: sequence - 1, path: paths[place]! };
        assert.ok(isIncluded(inclusion, { size, root }), `entry ${sequence} of ${size}`);
      }
    }
  });

  it('reads whole tiles once, and after that only those that it proves something in', async () => {
    const store = storeOf(hashes);
    const tree = createAuditTree(store);
    await Promise.all([tree.prove([1], 5000), tree.prove([5000], 5000)]);
    store.asked.length = 0;
    await tree.prove([700, 701, 4900], 5000);
    assert.deepEqual(store.asked, [[512, 256], [4864, 136]]); // prettier-ignore
  });

  it('rejects when there is nothing to prove with: a log that lacks entries', async () => {
    for (const known of [[], hashes.slice(0, 299)]) {
      await assert.rejects(createAuditTree(storeOf(known)).prove([1], 300), {
        code: 'AUDIT_LOG_BROKEN',
        message: /lacks entries behind/,
      });
    }
  });
});
