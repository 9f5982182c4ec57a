import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTurns } from '../../../src/server/load/turns.ts';

describe('turns', () => {
  it('come one at a time, begun work first, then in order', async () => {
    const pending: (() => void)[] = [];
    const turns = createTurns((run) => void pending.push(run));
    const done: string[] = [];
    for (const name of ['a', 'b']) void turns.next('opening').then(() => done.push(name));
    for (const name of ['x', 'y']) void turns.next('finishing').then(() => done.push(name));
    const seen: number[] = [];
    while (pending.length > 0) {
      pending.shift()?.();
      await Promise.resolve();
      seen.push(done.length);
    }
    assert.deepEqual(done, ['x', 'y', 'a', 'b']);
    assert.deepEqual(seen, [1, 2, 3, 4, 4]);
  });

  it('begin again after a rest, and let a whole round of others pass between two', async () => {
    const turns = createTurns(setImmediate);
    const order: string[] = [];
    await turns.next('opening');
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    const work = ['first', 'second'].map(async (name) => {
      await turns.next('opening');
      order.push(name);
    });
    setImmediate(() => order.push('somebody else'));
    await Promise.all(work);
    assert.deepEqual(order, ['first', 'somebody else', 'second']);
  });
});
