import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  canonicalJson,
  decodeUtf8,
  isJsonArray,
  isJsonObject,
  maximumJsonDepth,
  parseJsonStrict,
  type JsonValue,
} from '../../../src/core/encoding/index.ts';

const text = (value: JsonValue): string => decodeUtf8(canonicalJson(value));

/** Nested arrays, `depth` of them. */
function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < depth; level += 1) value = [value];
  return value;
}

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units and writes no blanks [RFC8785 §3.2.3]', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    assert.equal(text(value), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
    assert.equal(text({ b: [true, false, null], a: { y: 'z', x: -0 } }), '{"a":{"x":0,"y":"z"},"b":[true,false,null]}');
  });

  it('escapes only what must be escaped [RFC8785 §3.2.2.2]', () => {
    assert.equal(text('\u20ac$\u000f\nA\'B"\\\\"/'), '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it('refuses fractions, infinities and integers beyond 2^53-1', () => {
    for (const number of [0.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)]) {
      assert.throws(() => canonicalJson({ a: [number] }), { code: 'ENCODING_JSON_NOT_CANONICAL', at: '$.a[0]' });
    }
    assert.equal(text(2 ** 53 - 1), '9007199254740991');
  });

  it('refuses half characters, in values and in keys', () => {
    assert.throws(() => canonicalJson('\ud800'), { code: 'ENCODING_JSON_NOT_CANONICAL' });
    assert.throws(() => canonicalJson({ '\udc00x': 1 }), { code: 'ENCODING_JSON_NOT_CANONICAL' });
  });

  it('refuses what is no JSON value', () => {
    for (const value of [undefined, 1n, () => 1, Symbol('x')]) {
      assert.throws(() => canonicalJson({ a: value as unknown as JsonValue }), { code: 'ENCODING_JSON_NOT_CANONICAL' });
    }
  });

  it('refuses nesting beyond its bound, and what contains itself', () => {
    canonicalJson(nested(maximumJsonDepth + 1));
    assert.throws(() => canonicalJson(nested(maximumJsonDepth + 2)), { code: 'ENCODING_JSON_TOO_DEEP' });
    const loop: JsonValue[] = [];
    loop.push(loop);
    assert.throws(() => canonicalJson(loop), { code: 'ENCODING_JSON_TOO_DEEP' });
  });

  it('does not depend on the order of keys, and is read back as it was', () => {
    const leaf = fc.oneof(fc.boolean(), fc.constant(null), fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }));
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        const bytes = canonicalJson(original);
        const read = parseJsonStrict(bytes);
        assert.deepEqual(canonicalJson(read), bytes);
        assert.deepEqual(canonicalJson(reversed(read)), bytes);
        assert.equal(decodeUtf8(bytes), sortedText(read));
      }),
    );
  });
});

/** By the letter: each object sorted, each text by the engine. */
function sortedText(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sortedText(item)}`).join(',')}}`;
}

function reversed(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, reversed(item)])); // prettier-ignore
}
