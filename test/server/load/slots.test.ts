import assert from 'node:assert/strict';
import { createSlots } from '../../../src/server/load/slots.ts';

describe('slots', () => {
  it('gives out as many as there are, and another one when one was given back', () => {
    const slots = createSlots(2);
    const first = slots.take();
    assert.ok(first && slots.take());
    assert.equal(slots.take(), undefined);
    first();
    assert.ok(slots.take());
    assert.equal(slots.take(), undefined);
  });

  it('counts a slot once, however often it is given back', () => {
    const slots = createSlots(2);
    const [first] = [slots.take(), slots.take()];
    first?.();
    first?.();
    assert.ok(slots.take());
    assert.equal(slots.take(), undefined);
  });

  it('hands a slot to those who wait in the order in which they came, and to nobody else before', async () => {
    const slots = createSlots(1);
    const first = await slots.wait();
    const order: string[] = [];
    const second = slots.wait().then((leave) => (order.push('second'), leave));
    const third = slots.wait().then((leave) => (order.push('third'), leave));
    first();
    assert.equal(slots.take(), undefined);
    (await second)();
    (await third)();
    assert.deepEqual(order, ['second', 'third']);
    assert.ok(slots.take());
  });
});
