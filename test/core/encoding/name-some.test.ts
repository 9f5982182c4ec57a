import assert from 'node:assert/strict';
import { nameSome } from '../../../src/core/encoding/index.ts';

describe('names in a sentence', () => {
  it('are all there, or some and how many more', () => {
    assert.equal(nameSome([], 2), '');
    assert.equal(nameSome(['a', 'b'], 2), 'a, b');
    assert.equal(nameSome(['a', 'b', 'c'], 2), 'a, b and 1 more');
  });

  it('count those that nobody named', () => {
    assert.equal(nameSome(['a', 'b'], 2, 7), 'a, b and 5 more');
  });

  it('hide nothing', () => {
    assert.equal(nameSome(['a\u0007'], 1), 'a\\u{7}');
  });
});
