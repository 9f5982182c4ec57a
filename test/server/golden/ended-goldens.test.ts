// What was ended is large and stays for ever: each change is held against all of it, and nobody else waits for that.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { documentIdOf } from '../../../src/core/golden/index.ts';
import { checkConfig } from '../../../src/server/config/config.ts';
import { readEndedGoldens } from '../../../src/server/golden/brought-back.ts';
import { createHeavyMemory, createServerMemory } from '../../../src/server/memory.ts';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import { goldenOfFiles } from '../../support/golden-of-files.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';
import { auditDraft } from '../../support/stored-records.ts';

const parts = [0, 1, 2, 3];

describe('golden measurements that were ended', () => {
  const dataDirectory = makeQuickFolder('touchstone-ended-');
  let store: Store;
  before(async () => {
    const storage = 'sqlite' as const;
    await createStore({ dataDirectory, storage });
    store = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 1, rememberedLogs: 1 } });
    for (const payload of parts.map(goldenOfFiles)) {
      const id = documentIdOf(payload);
      const golden = { id, layer: 'runtime', name: 'files', payload, signatures: [], at: 1, revision: undefined };
      await store.saveGolden(golden, () => ({ state: 'active', audit: auditDraft('golden.activated') }));
      const end = { state: 'revoked', reason: 'bad', cve: undefined, revision: undefined } as const;
      await store.endGolden(id, { ...end, audit: auditDraft('golden.revoked') });
    }
  });
  after(async () => {
    await store.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  it('are read once, one in a turn, and only of the layers that are asked about', async () => {
    const memory = createServerMemory(checkConfig({ serverId: 'a' }, dataDirectory));
    const read: string[] = [];
    const watched: Store = {
      ...store,
      listGoldensByState: () => Promise.reject(new Error('all of them at once')),
      findGolden: (id) => {
        read.push(id);
        return store.findGolden(id);
      },
    };
    const ask = (...layers: string[]) => readEndedGoldens({ store: watched, memory }, layers);
    assert.deepEqual([await ask('kernel', 'firmware'), read], [[], []]);

    const turns: number[] = [];
    let isWatching = true;
    const watch = (): void => {
      turns.push(read.length);
      if (isWatching) setImmediate(watch);
    };
    setImmediate(watch);
    const ended = await ask('runtime');
    isWatching = false;
    assert.ok(parts.every((part) => turns.includes(part)), `others had turns after ${turns.join(' ')} of them`); // prettier-ignore
    assert.deepEqual(ended.map(({ statement }) => statement?.ima?.digests.length), parts.map(() => 3400)); // prettier-ignore
    assert.equal(read.length, parts.length);
    assert.deepEqual(await ask('runtime', 'kernel'), ended);
    assert.equal(read.length, parts.length, 'none was read again');
  });
});

describe('a memory of things of which some are large', () => {
  it('keeps what it has room for, and nothing beyond', () => {
    const memory = createHeavyMemory<string>(10);
    memory.set('a', 'A', 6);
    memory.set('b', 'B', 5);
    memory.set('c', 'C', 4);
    memory.set('a', 'other', 1);
    assert.deepEqual([memory.get('a'), memory.get('b'), memory.get('c')], ['A', undefined, 'C']);
    memory.set('d', 'D', 1);
    assert.equal(memory.get('d'), undefined);
  });
});
