import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeUtf8, parseJsonInPieces, parseJsonStrict } from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';

const parse = (text: string) => parseJsonStrict(encodeUtf8(text));

describe('parseJsonStrict', () => {
  it('reads every kind of value', () => {
    assert.deepEqual(parse(' {"a" : [ 1 , -2.5e3, 0, true, false, null, "x" ], "b":{}, "":[] }\r\n\t'), {
      a: [1, -2500, 0, true, false, null, 'x'],
      b: {},
      '': [],
    });
    assert.equal(parse('"\\u00e9\\n\\"\\\\\\/\\ud83d\\ude00"'), 'é\n"\\/😀');
  });

  it('agrees with JSON.parse on everything JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        if (text.includes('__proto__')) return;
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });

  it('agrees with JSON.parse on every text in quotation marks, and says where the first bad one begins', () => {
    const unit = fc.constantFrom(
      'a',
      '"',
      '\\',
      '\\"',
      '\\n',
      '\\u0041',
      '\\x',
      '\n',
      '\0',
      '\u007f',
      '\u2028',
      'é',
      '\u{1f600}',
    );
    const isSame = (document: string): void => {
      let expected: unknown;
      try {
        expected = JSON.parse(document);
      } catch {
        assert.throws(() => parse(document), { code: 'ENCODING_JSON_INVALID' });
        return;
      }
      assert.deepEqual(parse(document), expected);
    };
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => isSame(`["${text}",{"${text}":"x"}]`)),
      { numRuns: 2000 },
    );
    for (const bad of ['"\n"', '"\\x"', '"a', '"a\\']) {
      assert.throws(() => parse(`{"a":"b","c":${bad}}`), { code: 'ENCODING_JSON_INVALID', at: 13 }, bad);
    }
  });

  it('refuses a key that occurs twice, also when one is escaped', () => {
    for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"c":2,"b":3}}]']) {
      assert.throws(() => parse(text), { code: 'ENCODING_JSON_DUPLICATE_KEY' }, text);
    }
    assert.throws(() => parse('{"a":1,"a":2}'), { at: 7 });
  });

  it('refuses __proto__ and leaves every prototype as it was', () => {
    assert.throws(() => parse('{"__proto__":{"polluted":true}}'), { code: 'ENCODING_JSON_INVALID' });
    assert.throws(() => parse('{"\\u005f_proto__":1}'), { code: 'ENCODING_JSON_INVALID' });
    assert.deepEqual(Object.keys(parse('{"constructor":{"prototype":{}}}') as object), ['constructor']);
    assert.equal('polluted' in {}, false);
  });

  it('refuses what is not JSON', () => {
    const texts = ['', ' ', '{', '}', '[1,]', '{"a":1,}', '{a:1}', "{'a':1}", '01', '+1', '.5', '1.', '1e', '-', 'NaN', 'nul', 'nullx', '"a', '"\n"', '"\\x"', '"\\u12"', '[1 2]', '{"a" 1}', '{"a":}', '1 2', '\ufeff1', '/**/1', '1e999', 'undefined', '[', '{"a":1}}', '\u00a01']; // prettier-ignore
    for (const text of texts) assert.throws(() => parse(text), { code: 'ENCODING_JSON_INVALID' }, text);
  });

  it('says where it stopped', () => {
    assert.throws(() => parse('{"a": tru}'), { code: 'ENCODING_JSON_INVALID', at: 6 });
  });

  it('refuses bytes that are not UTF-8', () => {
    assert.throws(() => parseJsonStrict(Uint8Array.of(0x22, 0xff, 0x22)), { code: 'ENCODING_UTF8_INVALID' });
  });

  it('refuses nesting beyond its bound without running out of stack', () => {
    const nest = (depth: number) => encodeUtf8('['.repeat(depth) + ']'.repeat(depth));
    parseJsonStrict(nest(64));
    assert.throws(() => parseJsonStrict(nest(65)), { code: 'ENCODING_JSON_TOO_DEEP' });
    assert.throws(() => parseJsonStrict(encodeUtf8('{"a":'.repeat(10 ** 6))), { code: 'ENCODING_JSON_TOO_DEEP' });
    parseJsonStrict(nest(2), { maxDepth: 2 });
    assert.throws(() => parseJsonStrict(nest(3), { maxDepth: 2 }), { code: 'ENCODING_JSON_TOO_DEEP' });
  });

  it('refuses more values than its bound, names among them', () => {
    const document = encodeUtf8('{"a":[1,{"b":{}}],"c":[]}');
    assert.deepEqual(parseJsonStrict(document, { maxItems: 9 }), { a: [1, { b: {} }], c: [] });
    assert.throws(() => parseJsonStrict(document, { maxItems: 8 }), { code: 'ENCODING_JSON_LIMIT', at: 22 });
    assert.throws(() => parseJsonStrict(document, { maxItems: 7 }), { code: 'ENCODING_JSON_LIMIT', at: 18 });
  });

  it('reads a long document in pieces, and says the same of it', async () => {
    let pauses = 0;
    const inPieces = (text: string) =>
      parseJsonInPieces(encodeUtf8(text), {}, () => Promise.resolve(void (pauses += 1)));
    for (const [text, least, most] of [
      [`[${'[],{},{"a":[1]} , '.repeat(10_000)}"x"]`, 4, 6],
      [`{${Array.from({ length: 10_000 }, (_, index) => `"${index}":[${index}]`).join()}}`, 3, 5],
      [JSON.stringify(['x'.repeat(1_000_000)]), 0, 0],
      [JSON.stringify(['x'.repeat(1_000_000), 1]), 1, 1],
      ['[]', 0, 0],
    ] as const) {
      pauses = 0;
      assert.deepEqual(await inPieces(text), JSON.parse(text));
      assert.ok(pauses >= least && pauses <= most, `${pauses} pauses`);
    }
    await assert.rejects(inPieces(`[${'[],'.repeat(50_000)}[]`), { code: 'ENCODING_JSON_INVALID', at: 150_003 });
    await assert.rejects(inPieces(`[${'[],'.repeat(50_000)}[]] 1`), { code: 'ENCODING_JSON_INVALID', at: 150_005 });
  });

  it('takes time that is linear in hostile input', function () {
    this.timeout(5000);
    for (const text of [
      `"${'\\'.repeat(10 ** 6)}`,
      `"${'a'.repeat(3 * 10 ** 6)}`,
      '1'.repeat(10 ** 6),
      ' '.repeat(10 ** 6),
    ]) {
      try {
        parse(text);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ENCODING_JSON_INVALID');
      }
    }
  });

  it('reads a text with an escape, however long: some writers escape each / of a log in base64', () => {
    const long = 'a'.repeat(9 * 2 ** 20);
    assert.equal(parse(`"${long}\\/"`), `${long}/`);
    assert.deepEqual(parse(String.raw`["\\","\\\""]`), ['\\', '\\"']);
    assert.throws(() => parse(`"${long}\\q"`), { code: 'ENCODING_JSON_INVALID' });
    assert.equal(parse(`"${long}ä"`), `${long}ä`);
    for (const wrong of ['\n', '\u0000', '\u001f']) {
      for (const text of [`"${wrong}${long}"`, `"${long}${wrong}${long}"`, `"${long}${wrong}"`])
        assert.throws(() => parse(text), { code: 'ENCODING_JSON_INVALID', at: 0 });
    }
  });

  it('refuses every truncation and is never surprised', () => {
    const good = encodeUtf8('{"a":[1,"é",{"b":null}],"c":"\\u0041"}');
    assertRefusesEveryTruncation(good, parseJsonStrict);
    assertNeverSurprised(parseJsonStrict, good);
  });
});
