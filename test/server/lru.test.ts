import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLru } from '../../src/server/lru.ts';

describe('what is kept because it was used lately', () => {
  it('holds no more than it may, and lets go of what was used longest ago', () => {
    const lru = createLru<number>(2);
    lru.set('a', 1);
    lru.set('b', 2);
    assert.equal(lru.get('a'), 1);
    lru.set('c', 3);
    assert.deepEqual([lru.get('a'), lru.get('b'), lru.get('c')], [1, undefined, 3]);
  });

  it('replaces a value in its place, without driving out another', () => {
    const lru = createLru<number>(2);
    lru.set('a', 1);
    lru.set('b', 2);
    lru.set('a', 3);
    assert.deepEqual([lru.get('a'), lru.get('b')], [3, 2]);
  });

  it('forgets what it is told to', () => {
    const lru = createLru<number>(2);
    lru.set('a', 1);
    lru.delete('a');
    lru.delete('b');
    assert.equal(lru.get('a'), undefined);
  });

  it('keeps nothing at capacity 0', () => {
    const lru = createLru<number>(0);
    lru.set('a', 1);
    assert.equal(lru.get('a'), undefined);
  });

  it('keeps what a list in the order of use would keep', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const step = fc.record({ does: fc.constantFrom('get', 'set', 'delete'), key: fc.constantFrom(...keys) });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
        const lru = createLru<number>(capacity);
        let list: (readonly [key: string, value: number])[] = [];
        for (const [value, { does, key }] of steps.entries()) {
          const known = list.find(([name]) => name === key);
          const others = list.filter((entry) => entry !== known);
          if (does === 'get') {
            assert.equal(lru.get(key), known?.[1]);
            list = known === undefined ? others : [...others, known];
          } else if (does === 'set') {
            lru.set(key, value);
            list = [...others, [key, value] as const].slice(-capacity || Infinity);
          } else {
            lru.delete(key);
            list = others;
          }
        }
        const left = keys.map((key) => [key, lru.get(key)]).filter(([, value]) => value !== undefined);
        assert.deepEqual(left, [...list].sort());
      }),
    );
  });
});
