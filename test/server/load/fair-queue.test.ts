import assert from 'node:assert/strict';
import { createFairQueue, type FairQueue } from '../../../src/server/load/fair-queue.ts';
import { createSlots } from '../../../src/server/load/slots.ts';

describe('a fair row', () => {
  let queue: FairQueue;
  let order: string[];
  let refused: string[];
  /** Gives back what the last one has that got in. */
  let next: () => void;
  beforeEach(() => {
    queue = createFairQueue(createSlots(1), 4);
    [order, refused] = [[], []];
  });

  const ask = async (actor: string, signal = new AbortController().signal): Promise<void> => {
    const release = await queue.wait({ actor, signal });
    if (release === undefined) refused.push(actor);
    else {
      order.push(actor);
      next = release;
    }
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const serveAll = async (): Promise<void> => {
    for (let count = -1; count < order.length;) {
      count = order.length;
      next();
      await settled();
    }
  };

  it('gives each actor a turn, however many requests another has there', async () => {
    for (const actor of ['one', 'one', 'one', 'two']) void ask(actor);
    await settled();
    await serveAll();
    assert.deepEqual(order, ['one', 'one', 'two', 'one']);
    assert.deepEqual(refused, []);
  });

  it('makes room for who has less in it, at the cost of who has most', async () => {
    for (const actor of ['one', 'one', 'one', 'one', 'one']) void ask(actor);
    for (const actor of ['two', 'one', 'two', 'two', 'three']) void ask(actor);
    await settled();
    assert.deepEqual(refused.sort(), ['one', 'one', 'one', 'one', 'two']);
    await serveAll();
    assert.deepEqual(order, ['one', 'one', 'two', 'three', 'two']);
  });

  it('forgets who is gone', async () => {
    const gone = new AbortController();
    for (const actor of ['one', 'one']) void ask(actor);
    void ask('two', gone.signal);
    gone.abort();
    void ask('three', gone.signal);
    await settled();
    assert.deepEqual(refused.sort(), ['three', 'two']);
    await serveAll();
    assert.deepEqual(order, ['one', 'one']);
    // Nothing was handed to who is not there any more.
    await ask('four');
    assert.deepEqual(order, ['one', 'one', 'four']);
  });
});
