import assert from 'node:assert/strict';
import { Field } from '../../../src/core/encoding/index.ts';

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

  it('has no members but those that are known, unless it is of a format that anybody may add to', () => {
    refusesAll([() => field({ a: 1, b: 2 }).object('a'), () => field({ b: 2 }).object('a')]);
    assert.deepEqual(Object.keys(field({ a: 1, b: 2 }).some('a')), ['a']);
    const { a, b } = field({ a: 1 }).object('a', 'b');
    const read = (one: Field) => one.integer(1, 1);
    assert.deepEqual([a.isPresent, a.optional(read), b.isPresent, b.optional(read)], [true, 1, false, undefined]);
    assert.deepEqual([field('x').isText, field(1).isText, field(undefined).isText], [true, false, false]);
  });

  it('has no more members and items than may be', () => {
    const members = { a: 1, b: 2 };
    assert.equal(field(members).entries(2).length, 2);
    assert.equal(field([1, 2]).array(2).length, 2);
    refusesAll([() => field(members).entries(1), () => field([1, 2]).array(1)]);
  });

  it('takes what it reads for nothing else, and refuses what is out of bounds', () => {
    const good: readonly (readonly [value: unknown, read: (field: Field) => unknown])[] = [
      ...['a', 'abcd', '\\\\\\\\'].map((value) => [value, (one: Field) => one.text(4)] as const),
      ...['a', 'a\nb', 'a\r\nb', 'ab\n\n'].map((value) => [value, (one: Field) => one.lines(4)] as const),
      ...[2, 3, 5].map((value) => [value, (one: Field) => one.integer(2, 5)] as const),
      ...['x', true].map((value) => [value, (one: Field) => one.oneOf(['x', true])] as const),
    ];
    for (const [value, read] of good) assert.equal(read(field(value)), value);
    const bad: readonly (readonly [values: readonly unknown[], read: (field: Field) => unknown])[] = [
      [[undefined, null, 1, [], '', 'abcde', 'a\n', 'a\u200b'], (one) => one.text(4)],
      [[undefined, null, 1, ['a'], '', 'a\nbcd', 'a\tb', 'a\rb'], (one) => one.lines(4)],
      [[undefined, null, '3', 1, 6, 2.5, NaN, [3], true], (one) => one.integer(2, 5)],
      [[2 ** 53, -(2 ** 53)], (one) => one.integer(-Infinity, Infinity)],
      [[undefined, null, 'y', false, 'true', ['x']], (one) => one.oneOf(['x', true])],
      [[undefined, null, 12, 'ab', 'abcdef', 'ABCD', 'abcg', ['abcd']], (one) => one.hex(2)],
      [[undefined, null, 1], (one) => one.words(9)],
      [[undefined, null, {}, 'a'], (one) => one.array(9)],
    ];
    for (const [values, read] of bad) refusesAll(values.map((value) => () => read(field(value))));
    assert.deepEqual(field('abcd').hex(2), Uint8Array.of(0xab, 0xcd));
  });

  it('is a time only where the text says one that there is, in UTC, in one spelling', () => {
    for (const value of ['2026-11-25T00:00:00Z', '2026-02-28T23:59:59.001Z', '2028-02-29T00:00:00.000Z'])
      assert.equal(field(value).time().getTime(), Date.parse(value));
    const others = ['2026-11-25', '2026-11-25T00:00:00', '2026-11-25T00:00:00+01:00', '2026-11-25 00:00:00Z', '2026-11-25T00:00Z', '2026-11-25T00:00:00.1Z', '+002026-11-25T00:00:00Z', 'Wed, 25 Nov 2026 00:00:00 GMT']; // prettier-ignore
    const none = ['2026-04-31T00:00:00Z', '2027-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-25T24:00:00Z', '2026-11-25T23:59:60Z', '2026-11-25T25:00:00Z']; // prettier-ignore
    for (const value of [...others, ...none, 1795564800000, null, undefined]) refusesAll([() => field(value).time()]);
  });

  it('says where it stands, what was expected and what is there', () => {
    const said = (value: unknown) => {
      try {
        return field({ list: [value] })
          .some('list')
          .list.array(1)[0]
          ?.integer(1, 2);
      } catch (error) {
        return (error as Error).message;
      }
    };
    const expected = 'inner.list[0]: a whole number from 1 to 2 expected, is';
    for (const [value, kind] of [
      [undefined, 'missing'],
      [null, 'null'],
      [[], 'an array'],
      [{}, 'an object'],
      ['1', 'another text'],
      [3, 'another number'],
      [true, 'another boolean'],
    ] as const)
      // prettier-ignore
      assert.equal(said(value), `${expected} ${kind}`);
    const whole = new Field([], '', 'GOLDEN_STATEMENT_INVALID');
    assert.throws(() => whole.object(), { message: 'an object expected, is an array' });
  });

  it('is cut where it is for people alone, and may be null where that is said', () => {
    assert.deepEqual([field('ab\n').words(9), field('abcdef').words(4)], ['ab\\u{a}', 'abc…']);
    assert.deepEqual([field(null).nullable((one) => one.text(4)), field('a').nullable((one) => one.text(4))], [undefined, 'a']); // prettier-ignore
  });

  function refusesAll(reads: readonly (() => unknown)[]): void {
    for (const read of reads) assert.throws(read, { code: 'GOLDEN_STATEMENT_INVALID' }, String(read));
  }
});
