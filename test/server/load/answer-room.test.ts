import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAnswerRoom } from '../../../src/server/load/answer-room.ts';

describe('the room for answers', () => {
  const open = (mostBytes: number) => {
    const room = createAnswerRoom(mostBytes);
    const cut: string[] = [];
    const keep = (name: string, bytes: number) =>
      room.keep({ actor: name.slice(0, 1), bytes, cut: () => cut.push(name) });
    return { keep, cut };
  };

  it('cuts of whoever keeps most, when it is full, what was longest not taken', () => {
    const { keep, cut } = open(100);
    const [first] = [keep('a1', 20), keep('a2', 20), keep('a3', 20), keep('b1', 40)];
    assert.deepEqual(cut, []);
    first.taken(10);
    keep('b2', 5);
    keep('c1', 10);
    assert.deepEqual(cut, ['a2']);
    keep('c2', 60);
    assert.deepEqual(cut, ['a2', 'c1', 'c2']);
  });

  it('has room for one answer, however large, and none for others beside it', () => {
    const { keep, cut } = open(100);
    keep('a1', 1000);
    assert.deepEqual(cut, []);
    keep('b1', 10);
    assert.deepEqual(cut, ['a1']);
  });

  it('counts what is not taken, and nothing of who has left, however often', () => {
    const { keep, cut } = open(100);
    for (let round = 0; round < 10; round += 1) {
      const share = keep('a', 90);
      keep('b', 10).leave();
      share.taken(40);
      share.leave();
      share.leave();
      share.taken(50);
    }
    keep('a', 50);
    keep('b', 50);
    assert.deepEqual(cut, []);
    keep('c', 1);
    assert.deepEqual(cut, ['a']);
  });

  it('keeps no more than there is room for, beyond one answer, and cuts each once (property)', () => {
    const sizes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 60 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(sizes, (asked) => {
        const { keep, cut } = open(100);
        asked.forEach(([actor, bytes], index) => keep(`${actor}${index}`, bytes));
        const left = asked.filter(([actor], index) => !cut.includes(`${actor}${index}`));
        assert.equal(new Set(cut).size, cut.length);
        assert.ok(left.length === 1 || left.reduce((sum, [, bytes]) => sum + bytes, 0) <= 100);
      }),
    );
  });
});
