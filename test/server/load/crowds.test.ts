import assert from 'node:assert/strict';
import { createCrowds } from '../../../src/server/load/crowds.ts';

describe('crowds', () => {
  const gather = (...members: readonly string[]) => {
    const crowds = createCrowds<string>();
    const leave = members.map((member) => crowds.join(member.slice(0, 1), member));
    const takeAll = () => Array.from({ length: crowds.size() }, () => crowds.takeNext());
    return { crowds, leave, takeAll };
  };

  it('have their turns, and in each whoever came first has it', () => {
    const { crowds, takeAll } = gather('a1', 'a2', 'a3', 'b1', 'c1', 'c2');
    assert.equal(crowds.size(), 6);
    assert.deepEqual(takeAll(), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    assert.deepEqual([crowds.size(), crowds.takeNext()], [0, undefined]);
    crowds.join('a', 'a4');
    assert.deepEqual([crowds.size(), crowds.takeNext()], [1, 'a4']);
  });

  it('count nobody who has left, however often', () => {
    const { crowds, leave, takeAll } = gather('a1', 'a2', 'b1');
    leave[0]?.();
    leave[0]?.();
    leave[2]?.();
    assert.equal(crowds.size(), 1);
    assert.deepEqual(takeAll(), ['a2']);
    leave[1]?.();
    assert.equal(crowds.size(), 0);
  });

  it('give up the first or the last of the largest, for one that is smaller with one more', () => {
    const { crowds, takeAll } = gather('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2');
    assert.deepEqual([crowds.takeFor('d', 'first'), crowds.takeFor('b', 'last'), crowds.size()], ['a1', 'a4', 5]);
    // Two of each but one: only who has none has less than another would then have.
    assert.deepEqual([crowds.takeFor('b', 'last'), crowds.takeFor('a', 'last')], [undefined, undefined]);
    assert.equal(crowds.takeFor('d', 'last'), 'a3');
    assert.deepEqual(takeAll(), ['a2', 'b1', 'c1', 'c2']);
  });

  it('give up nobody for the largest, nor for one that would then be as large', () => {
    const { crowds } = gather('a1', 'a2', 'a3', 'b1', 'b2');
    for (const name of ['a', 'b']) assert.equal(crowds.takeFor(name, 'last'), undefined);
    assert.equal(crowds.takeFor('c', 'first'), 'a1');
    assert.equal(crowds.size(), 4);
    assert.equal(gather().crowds.takeFor('a', 'first'), undefined);
    assert.equal(gather('a1').crowds.takeFor('b', 'first'), undefined);
  });
});
