import assert from 'node:assert/strict';
import { createRowMemory } from '../../../../src/server/storage/sql/row-memory.ts';

function openMemory(capacity = 10) {
  const world = { isOurs: true, reads: 0 };
  const memory = createRowMemory({ capacity, isAsWeLeftIt: () => world.isOurs });
  /** How many times anything was read so far, after this was asked for. */
  const ask = async (name: string, host?: string): Promise<number> => {
    const read = () => Promise.resolve((world.reads += 1));
    await memory.recall(host === undefined ? { name } : { name, host }, read);
    return world.reads;
  };
  return { world, memory, ask };
}

describe('the memory of rows', () => {
  it('reads once what stands, by host and by name', async () => {
    const { ask } = openMemory();
    assert.deepEqual([await ask('host', 'a'), await ask('host', 'a')], [1, 1]);
    assert.deepEqual([await ask('verdict', 'a'), await ask('host', 'b'), await ask('token')], [2, 3, 4]);
    assert.equal(await ask('verdict', 'a'), 4);
  });

  it('ends what rests on a host with its transaction, and everything with a transaction about everything', async () => {
    const { ask, memory } = openMemory();
    for (const host of ['a', 'b']) await ask('host', host);
    await ask('token');
    memory.forget('a');
    assert.deepEqual([await ask('host', 'b'), await ask('token'), await ask('host', 'a')], [3, 3, 4]);
    memory.forget(undefined);
    assert.deepEqual([await ask('host', 'b'), await ask('token'), await ask('host', 'a')], [5, 6, 7]);
  });

  it('keeps what stands after a change of a host, and only where it was kept before', async () => {
    const { ask, memory, world } = openMemory();
    await ask('host', 'a');
    await ask('labels', 'a');
    memory.amend('a', (name, answer) => (name === 'host' ? Number(answer) + 10 : undefined));
    const kept = await memory.recall({ host: 'a', name: 'host' }, () => Promise.resolve(0));
    assert.deepEqual([kept, await ask('labels', 'a')], [11, 3]);
    memory.amend('b', () => 'of nothing');
    assert.equal(await ask('host', 'b'), 4);
    memory.forget('a');
    memory.amend('a', () => 'after its end');
    assert.equal(await ask('host', 'a'), 5);
    assert.equal(world.reads, 5);
  });

  it('amends nothing that was still under way: it is read again', async () => {
    const { memory } = openMemory();
    let answer: (value: string) => void = () => undefined;
    const read = () => new Promise<string>((resolve) => (answer = resolve));
    const slow = memory.recall({ host: 'a', name: 'host' }, read);
    memory.amend('a', () => 'amended');
    answer('from before');
    assert.equal(await slow, 'from before');
    assert.equal(await memory.recall({ host: 'a', name: 'host' }, () => Promise.resolve('read again')), 'read again');
  });

  it('gives what it keeps at once', async () => {
    const { ask, memory } = openMemory();
    const first = await ask('host', 'a');
    const kept = memory.recall({ host: 'a', name: 'host' }, () => Promise.resolve(0));
    assert.equal(kept, first);
  });

  it('keeps nothing when somebody else may have written', async () => {
    const { ask, world } = openMemory();
    await ask('host', 'a');
    world.isOurs = false;
    assert.equal(await ask('host', 'a'), 2);
  });

  it('keeps no answer that was under way when a transaction ended it', async () => {
    for (const ended of ['a', undefined]) {
      const { ask, memory } = openMemory();
      let answer: (value: string) => void = () => undefined;
      const slow = memory.recall(
        { host: 'a', name: 'host' },
        () => new Promise<string>((resolve) => (answer = resolve)),
      );
      memory.forget(ended);
      answer('from before');
      assert.equal(await slow, 'from before');
      assert.equal(await ask('host', 'a'), 1);
    }
  });

  it('keeps nothing that was not found, nothing that failed, and no more than it may', async () => {
    const { ask, memory } = openMemory(2);
    const unknown: string | undefined = await memory.recall({ name: 'token' }, () =>
      Promise.resolve<string | undefined>(undefined),
    );
    assert.equal(unknown, undefined);
    await assert.rejects(
      async () => await memory.recall({ name: 'token' }, () => Promise.reject(new TypeError('gone'))),
    );
    assert.equal(await ask('token'), 1);
    for (const host of ['a', 'b', 'c']) await ask('host', host);
    assert.equal(await ask('host', 'a'), 5);
    const none = openMemory(0);
    assert.deepEqual([await none.ask('token'), await none.ask('token')], [1, 2]);
  });
});
