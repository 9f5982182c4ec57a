import assert from 'node:assert/strict';
import { Field } from '../../../src/core/golden/index.ts';

describe('a field', () => {
  const field = (value: unknown): Field =>
    new Field({ inner: value }, '', 'GOLDEN_STATEMENT_INVALID').object('inner').inner;

  it('is an object only where the document has one', () => {
    for (const value of [undefined, null, [], [['name', 'x']], 'text', 1, true]) {
      const refusal = { code: 'GOLDEN_STATEMENT_INVALID', at: 'inner', message: /^inner: an object expected/ };
      assert.throws(() => field(value).object('name'), refusal);
      assert.throws(() => field(value).some('name'), refusal);
      assert.throws(() => field(value).entries(9), refusal);
    }
  });

  it('finds no member in what every object inherits', () => {
    const { toString, constructor } = field({}).some('toString', 'constructor');
    assert.deepEqual([toString.isPresent, constructor.isPresent], [false, false]);
  });
});
