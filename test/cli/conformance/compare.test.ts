import assert from 'node:assert/strict';
import { compare, compareWhole } from '../../../src/cli/conformance/compare.ts';

describe('compare', () => {
  it('folds case and outcomes that begin with a known word', () => {
    assert.deepEqual(compare({ a: 'OK', b: 'reject as TDX', c: 'ABCD' }, { a: 'ok', b: 'reject', c: 'abcd' }), []);
    assert.deepEqual(compare({ a: 'ok-with-trailing-bytes' }, { a: 'ok' }), []);
  });

  it('does not fold words that only contain an outcome', () => {
    assert.equal(compare({ a: 'not accepted' }, { a: 'accept' }).length, 1);
    assert.equal(compare({ a: 'accept' }, { a: 'reject' }).length, 1);
  });

  it('holds null and absent to be the same, and nothing else', () => {
    assert.deepEqual(compare({ a: null }, {}), []);
    assert.equal(compare({ a: null }, { a: false }).length, 1);
    assert.equal(compare({ a: true }, {}).length, 1);
  });

  it('names the path of a difference', () => {
    const [mismatch] = compare({ a: { b: 1 } }, { a: { b: 2 } });
    assert.deepEqual(mismatch, { field: 'a.b', expected: 1, observed: 2 });
  });
});

describe('compareWhole', () => {
  it('takes what is there beyond the expectation for a difference', () => {
    const [mismatch] = compareWhole({ '0': 'aa' }, { '0': 'aa', '1': 'bb' }, 'replayed.sha256');
    assert.deepEqual(mismatch, { field: 'replayed.sha256.1', expected: null, observed: 'bb' });
  });

  it('does not take an empty object for anything', () => {
    assert.equal(compareWhole({}, { '0': 'aa' }, 'replayed').length, 1);
    assert.equal(compareWhole({}, undefined, 'replayed').length, 1);
    assert.equal(compareWhole('aa', { '0': 'aa' }, 'replayed').length, 1);
  });
});
