import assert from 'node:assert/strict';
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
});
