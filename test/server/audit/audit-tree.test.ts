// The tree over the audit log from the hashes alone: the same as one that is computed from nothing, however far it had grown before.
import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import {
  hashLeaf,
  hashSubtree,
  isConsistent,
  isIncluded,
  type SubtreeHash,
} from '../../../src/core/transparency/index.ts';
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

  it('proves between sizes around its tiles that it was only appended to, as it grows', async () => {
    const tree = createAuditTree(storeOf(hashes));
    const sizes = [1, 2, 255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, 2048, 2049, 3333, 4096, 4999, 5000];
    for (const size of sizes) {
      for (const from of sizes.filter((other) => other <= size)) {
        const { root, path } = await tree.extend(from, size);
        assert.deepEqual(root, wholeTree(0, size), `${size} entries`);
        assert.ok(isConsistent(path!, { size: from, root: wholeTree(0, from) }, { size, root }), `${from} to ${size}`);
      }
    }
  });

  it('proves nothing where nobody asks, or the log never had as many entries', async () => {
    const tree = createAuditTree(storeOf(hashes));
    for (const from of [undefined, 301, Number.MAX_SAFE_INTEGER]) {
      assert.deepEqual(await tree.extend(from, 300), { size: 300, root: wholeTree(0, 300), path: undefined });
    }
  });

  it('lets others be served while it reads the whole log, though its database answers at once', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await createAuditTree(storeOf(hashes)).extend(undefined, 5000);
    clearImmediate(counting);
    assert.ok(turns >= 9, `${turns} turns`);
  });

  it('refuses to prove anything in a tile that it reads again and finds to be another', async () => {
    const known = [...hashes];
    const tree = createAuditTree(storeOf(known));
    await tree.extend(undefined, 5000);
    known[700] = hash('sha256', Uint8Array.of(1));
    const broken = { code: 'AUDIT_LOG_BROKEN', message: /entries 513 to 768 are not those that they were/ };
    await assert.rejects(tree.prove([600], 5000), broken);
    await assert.rejects(tree.extend(600, 5000), broken);
    assert.ok((await tree.extend(1100, 5000)).path);
    known[700] = hashes[700]!;
    assert.ok((await tree.extend(600, 5000)).path);
  });

  it('reads whole tiles once, and after that only those that it proves something in', async () => {
    const store = storeOf(hashes);
    const tree = createAuditTree(store);
    await Promise.all([tree.prove([1], 5000), tree.prove([5000], 5000)]);
    store.asked.length = 0;
    await tree.prove([700, 701, 4900], 5000);
    assert.deepEqual(store.asked, [[512, 256], [4864, 136]]); // prettier-ignore
    store.asked.length = 0;
    await tree.extend(700, 5000);
    assert.deepEqual(store.asked, [[512, 256], [4864, 136]]); // prettier-ignore
  });

  it('rejects when there is nothing to prove with: a log that lacks entries', async () => {
    for (const known of [[], hashes.slice(0, 299)]) {
      await assert.rejects(createAuditTree(storeOf(known)).prove([1], 300), {
        code: 'AUDIT_LOG_BROKEN',
        message: /it lacks \d+ of the entries \d+ to \d+$/,
      });
      await assert.rejects(createAuditTree(storeOf(known)).extend(1, 300), { code: 'AUDIT_LOG_BROKEN' });
    }
  });
});
