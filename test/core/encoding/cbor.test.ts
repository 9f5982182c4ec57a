import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeHex,
  encodeCbor,
  encodeHex,
  isCborArray,
  isCborMap,
  parseCbor,
  Tagged,
  type CborValue,
} from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';

const tags = new Set([1, 18, 37, 501]);
const read = (hex: string): CborValue => parseCbor(decodeHex(hex), { tags });

/** RFC 8949 appendix A, as far as it is deterministic and has no floats. */
const known: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['20', -1],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', undefined],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['62c3bc', 'ü'],
  ['64f0908591', '𐅑'],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', new Map()],
  ['a201020304', new Map([[1, 2], [3, 4]])], // prettier-ignore
  ['a26161016162820203', new Map<string, CborValue>([['a', 1], ['b', [2, 3]]])], // prettier-ignore
  ['c11a514b67b0', new Tagged(1, 1363896240)],
  ['d9012c00'.replace('012c', '01f5'), new Tagged(501, 0)],
];

describe('parseCbor and encodeCbor', () => {
  it('know the examples of RFC 8949 appendix A', () => {
    for (const [hex, value] of known) {
      assert.deepEqual(read(hex), value, hex);
      assert.equal(encodeHex(encodeCbor(value)), hex);
    }
  });

  it('return what was encoded, whatever it is', () => {
    const integer = fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n).filter((n) => !Number.isSafeInteger(Number(n)))); // prettier-ignore
    const string = fc.string({ unit: 'grapheme', maxLength: 300 });
    const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(integer, string, fc.uint8Array({ maxLength: 300 }), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 30 }),
        fc.array(fc.tuple(fc.oneof(integer, string), tie('value')), { maxLength: 30 }).map((e) => new Map(e)),
        tie('value').map((inner) => new Tagged(501, inner)),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        const bytes = encodeCbor(original);
        const parsed = parseCbor(bytes, { tags, maxDepth: 64 });
        assert.deepEqual(parsed, original);
        assert.deepEqual(encodeCbor(parsed), bytes);
      }),
    );
  });

  it('sort map keys by their encoded bytes [RFC8949 §4.2.1]', () => {
    const keys = new Map<string | number, number>([['aa', 1], ['z', 2], [100, 3], [-1, 4], [10, 5]]); // prettier-ignore
    assert.equal(encodeHex(encodeCbor(keys)), 'a50a05186403200461 7a0262616101'.replaceAll(' ', ''));
  });

  it('copy byte strings, so that later changes of the input change nothing', () => {
    const input = decodeHex('4401020304');
    const value = parseCbor(input);
    input.fill(0);
    assert.deepEqual(value, Uint8Array.of(1, 2, 3, 4));
  });

  it('leave the input as it was, and read __proto__ as a key like others', () => {
    const value = new Map<string, CborValue>([['__proto__', 'x'.repeat(200)]]);
    const bytes = encodeCbor(value);
    assert.deepEqual(parseCbor(bytes), value);
    assert.deepEqual(
      Object.keys(bytes).filter((key) => !/^[0-9]+$/.test(key)),
      [],
    );
  });
});

describe('the CBOR gate', () => {
  const refusals: readonly (readonly [string, string, string])[] = [
    ['ENCODING_CBOR_FORBIDDEN', 'an integer longer than needed', '1817'],
    ['ENCODING_CBOR_FORBIDDEN', 'an integer of 2 bytes that fits 1', '1900ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'an integer of 4 bytes that fits 2', '1a0000ffff'],
    ['ENCODING_CBOR_FORBIDDEN', 'an integer of 8 bytes that fits 4', '1b00000000ffffffff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a text length longer than needed', '780161'],
    ['ENCODING_CBOR_FORBIDDEN', 'an array of indefinite length', '9f01ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a map of indefinite length', 'bf616101ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a text of indefinite length', '7f6161ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a byte string of indefinite length', '5f4101ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a lone break', 'ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a float of 16 bits', 'f93c00'],
    ['ENCODING_CBOR_FORBIDDEN', 'a float of 32 bits', 'fa47c35000'],
    ['ENCODING_CBOR_FORBIDDEN', 'a float of 64 bits', 'fb3ff199999999999a'],
    ['ENCODING_CBOR_FORBIDDEN', 'an unassigned simple value', 'e0'],
    ['ENCODING_CBOR_FORBIDDEN', 'a simple value in two bytes', 'f8ff'],
    ['ENCODING_CBOR_FORBIDDEN', 'a reserved length', '1c'],
    ['ENCODING_CBOR_FORBIDDEN', 'a text with a byte order mark', '64efbbbf61'],
    ['ENCODING_CBOR_FORBIDDEN', 'a byte string as map key', 'a1416101'],
    ['ENCODING_CBOR_FORBIDDEN', 'an array as map key', 'a18001'],
    ['ENCODING_CBOR_FORBIDDEN', 'a boolean as map key', 'a1f501'],
    ['ENCODING_CBOR_DUPLICATE_KEY', 'a text key twice', 'a2616101616102'],
    ['ENCODING_CBOR_DUPLICATE_KEY', 'an integer key twice, inside', '81a201000100'],
    ['ENCODING_CBOR_TAG', 'a tag that is not listed', 'd81e8201021a'.slice(0, 10)],
    ['ENCODING_CBOR_TAG', 'a regular expression', 'd81b826652656745787062612b'],
    ['ENCODING_CBOR_TAG', 'a bignum', 'c249010000000000000000'],
    ['ENCODING_CBOR_TAG', 'a set', 'd9010281 01'.replaceAll(' ', '')],
    ['ENCODING_CBOR_TAG', 'a date in words', 'c06161'],
    ['ENCODING_CBOR_TAG', 'a tag beyond 32 bits', 'db000000010000000000'],
    ['ENCODING_CBOR_TAG', 'a time that is a text', 'c16161'],
    ['ENCODING_CBOR_TAG', 'a time beyond the calendar', 'c11bffffffffffffffff'],
    ['ENCODING_CBOR_TRAILING', 'one byte too many', '0000'],
    ['ENCODING_CBOR_TRUNCATED', 'nothing', ''],
    ['ENCODING_CBOR_TRUNCATED', 'an array of four thousand million', '9affffffff'],
    ['ENCODING_CBOR_TRUNCATED', 'a map of 2^64-1', 'bbffffffffffffffff00'],
    ['ENCODING_CBOR_TRUNCATED', 'a byte string of 2^63', '5b800000000000000000'],
    ['ENCODING_UTF8_INVALID', 'a text that is not UTF-8', '62c328'],
    ['ENCODING_UTF8_INVALID', 'a key that is not UTF-8', 'a161ff00'],
  ];
  for (const [code, what, hex] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(() => read(hex), { code });
    });
  }

  it('says where', () => {
    assert.throws(() => read('8200f93c00'), { at: 2 });
  });

  it('refuses nesting beyond its bound without running out of stack', () => {
    const nest = (depth: number) => decodeHex(`${'81'.repeat(depth)}00`);
    parseCbor(nest(16));
    assert.throws(() => parseCbor(nest(17)), { code: 'ENCODING_CBOR_LIMIT', at: 16 });
    assert.throws(() => parseCbor(nest(10 ** 6)), { code: 'ENCODING_CBOR_LIMIT' });
    assert.throws(() => parseCbor(decodeHex(`${'c1'.repeat(100)}00`), { tags }), { code: /ENCODING_CBOR_(LIMIT|TAG)/ });
  });

  it('refuses more items than its bound', () => {
    assert.throws(() => parseCbor(encodeCbor(new Array<number>(65536).fill(0))), { code: 'ENCODING_CBOR_LIMIT' });
    parseCbor(encodeCbor([0, 0]), { maxItems: 3 });
    assert.throws(() => parseCbor(encodeCbor([0, 0, 0]), { maxItems: 3 }), { code: 'ENCODING_CBOR_LIMIT' });
  });

  it('cannot be asked to allow a tag that the decoder would act upon', () => {
    for (const tag of [
      0, 2, 3, 4, 5, 6, 14, 15, 25, 27, 28, 29, 51, 64, 87, 105, 216, 225, 258, 259, 27647, 55799, 57337,
    ]) {
      assert.throws(() => parseCbor(Uint8Array.of(0), { tags: new Set([tag]) }), TypeError);
    }
  });

  it('gives a listed tag as it is, whatever it is', () => {
    for (const tag of [16, 18, 32, 37, 61, 111, 500, 501, 505, 506, 550, 564, 602]) {
      const value = new Tagged(tag, [1, 'a']);
      assert.deepEqual(parseCbor(encodeCbor(value), { tags: new Set([tag]) }), value);
    }
  });

  it('refuses every truncation and is never surprised', () => {
    for (const [hex] of known) assertRefusesEveryTruncation(decodeHex(hex), (bytes) => parseCbor(bytes, { tags }));
    const good = decodeHex(
      'a3016568656c6c6f6378797a83010203d901f5a0 20f6'.replaceAll(' ', '').replace('d901f5', '18c8d901f5'),
    );
    assertNeverSurprised((bytes) => parseCbor(bytes, { tags }), good);
  });
});

describe('encodeCbor', () => {
  it('refuses what has no deterministic form, as a mistake of the program', () => {
    for (const value of [0.5, NaN, 2 ** 53, 2n ** 64n, -(2n ** 64n) - 1n, new Date(0), Symbol('x'), { a: 1 }]) {
      assert.throws(() => encodeCbor(value as CborValue), TypeError);
    }
  });

  it('tells arrays and maps apart', () => {
    assert.equal(isCborArray(parseCbor(decodeHex('80'))), true);
    assert.equal(isCborMap(parseCbor(decodeHex('a0'))), true);
    assert.equal(isCborMap(parseCbor(decodeHex('80'))), false);
  });
});
