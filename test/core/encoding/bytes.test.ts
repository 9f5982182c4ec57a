import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bytesEqual,
  concatBytes,
  concatInPieces,
  decodeBase64,
  decodeBase64InPieces,
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64url,
  encodeHex,
  encodeUnsigned,
  encodeUtf8,
  isBase64,
  leftPad,
} from '../../../src/core/encoding/index.ts';

const bytes = Uint8Array.of(0xfb, 0xff, 0x00, 0x10);

describe('hexadecimal', () => {
  it('writes lower case and reads either case', () => {
    assert.equal(encodeHex(bytes), 'fbff0010');
    assert.deepEqual(decodeHex('FBff0010'), bytes);
    assert.deepEqual(decodeHex(''), new Uint8Array());
  });

  it('refuses odd lengths and other characters', () => {
    for (const text of [
      'f',
      'fff',
      'fg',
      'gf',
      '0x00',
      'ff ',
      ' ff',
      'ff\n',
      '０0',
      '0０',
      '\u0130\u0130',
      '\ud83d\ude00',
    ]) {
      assert.throws(() => decodeHex(text), { code: 'ENCODING_HEX_INVALID' }, text);
    }
    for (let code = 0; code < 0x200; code += 1) {
      const character = String.fromCharCode(code);
      if (/[0-9a-f]/i.test(character)) continue;
      for (const text of [`${character}0`, `0${character}`])
        assert.throws(() => decodeHex(text), { code: 'ENCODING_HEX_INVALID' });
    }
  });

  it('reads what it wrote', () => {
    fc.assert(fc.property(fc.uint8Array(), (any) => assert.deepEqual(decodeHex(encodeHex(any)), any)));
  });
});

describe('base64 and base64url', () => {
  it('knows the vectors of RFC 4648 section 10', () => {
    for (const [text, encoded] of [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['foobar', 'Zm9vYmFy'],
    ] as const) {
      assert.equal(encodeBase64(encodeUtf8(text)), encoded);
      assert.deepEqual(decodeBase64(encoded), encodeUtf8(text));
      assert.deepEqual(decodeBase64url(encoded.replaceAll('=', '')), encodeUtf8(text));
    }
  });

  it('keeps the two alphabets apart', () => {
    assert.equal(encodeBase64(bytes), '+/8AEA==');
    assert.equal(encodeBase64url(bytes), '-_8AEA');
    assert.throws(() => decodeBase64('-_8AEA=='), { code: 'ENCODING_BASE64_INVALID' });
    assert.throws(() => decodeBase64url('+/8AEA'), { code: 'ENCODING_BASE64_INVALID' });
  });

  it('has one spelling for each value: no blanks, no missing padding, no unused bits', () => {
    for (const text of ['Zg', 'Zg=', 'Zg===', 'Zh==', 'Z g=', 'Zg==\n', 'Zm9v=', '====', 'Zg==Zg==']) {
      assert.throws(() => decodeBase64(text), { code: 'ENCODING_BASE64_INVALID' }, text);
    }
    for (const text of ['Zg==', 'Zh', 'Z', 'Zm9v\n', 'Zm 9v']) {
      assert.throws(() => decodeBase64url(text), { code: 'ENCODING_BASE64_INVALID' }, text);
    }
  });

  it('reads base64 exactly where the grammar and the unused bits allow it', () => {
    const quartets = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
    const unit = fc.constantFrom(
      'A',
      'Q',
      'g',
      'w',
      'h',
      'B',
      '/',
      '+',
      '-',
      '_',
      '=',
      ' ',
      '\n',
      '\0',
      'é',
      // By its low byte it would be an A.
      '\u0141',
      '\u{10ffff}',
      '\ud800',
    );
    const spoilt = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), unit, fc.nat())
      .map(([value, character, place]) => {
        const text = encodeBase64(value);
        const at = place % text.length;
        return text.slice(0, at) + character + text.slice(at + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit, maxLength: 12 }), spoilt, fc.base64String(), fc.string()), (text) => {
        assert.equal(isBase64(text), quartets.test(text));
        if (isBase64(text)) assert.equal(encodeBase64(decodeBase64(text)), text);
        else assert.throws(() => decodeBase64(text), { code: 'ENCODING_BASE64_INVALID' });
      }),
      { numRuns: 4000 },
    );
  });

  it('reads a long text piece by piece as it reads a short one', async () => {
    const piece = 65_536;
    const value = Uint8Array.from({ length: 3 * piece }, (_, index) => index % 251);
    const check = async (text: string): Promise<void> => {
      const isCanonical = Buffer.from(text, 'base64').toString('base64') === text;
      assert.equal(isBase64(text), isCanonical);
      const inPieces = decodeBase64InPieces(text, () => Promise.resolve());
      if (isCanonical) {
        assert.deepEqual(decodeBase64(text), new Uint8Array(Buffer.from(text, 'base64')));
        assert.deepEqual(await inPieces, decodeBase64(text));
      } else {
        assert.throws(() => decodeBase64(text), { code: 'ENCODING_BASE64_INVALID' });
        await assert.rejects(inPieces, { code: 'ENCODING_BASE64_INVALID' });
      }
    };
    for (const length of [49_151, 49_152, 49_153, 98_302, 98_303, 98_304, 98_305, 196_608]) {
      const text = encodeBase64(value.subarray(0, length));
      await check(text);
      for (const at of [0, piece - 1, piece, text.length - 5, text.length - 1]) {
        for (const one of ['-', '_', '=', ' ', 'A', '\u0141', 'é'])
          await check(text.slice(0, at) + one + text.slice(at + 1));
      }
      for (const end of ['A', 'AA', 'AAA', 'AAAA', '=', '==', 'AAA=AAAA', '\n']) await check(text + end);
    }
  });

  it('returns what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        assert.deepEqual(decodeHex(encodeHex(value)), value);
        assert.deepEqual(decodeBase64(encodeBase64(value)), value);
        assert.deepEqual(decodeBase64url(encodeBase64url(value)), value);
      }),
    );
  });

  it('returns bytes that keep no others in memory, and are seen by nobody else', () => {
    for (const length of [1, 3, 100, 3000, 5000, 60_000]) {
      const [first, second] = [0, 1].map(() => decodeBase64(encodeBase64(new Uint8Array(length).fill(7))));
      first?.fill(0);
      assert.deepEqual(second, new Uint8Array(length).fill(7));
      assert.equal(second.buffer.byteLength, length);
    }
  });

  it('encodes a view, not the buffer behind it', () => {
    assert.equal(encodeHex(bytes.subarray(1, 3)), 'ff00');
    assert.equal(encodeBase64(bytes.subarray(1, 3)), '/wA=');
  });
});

describe('UTF-8', () => {
  it('keeps a byte order mark and every character', () => {
    assert.equal(decodeUtf8(encodeUtf8('\ufeffä漢😀\u0000')), '\ufeffä漢😀\u0000');
  });

  it('refuses overlong forms, surrogates and halves', () => {
    for (const hex of ['c080', 'eda080', 'ff', 'c3', 'f4908080', 'e282']) {
      assert.throws(() => decodeUtf8(decodeHex(hex)), { code: 'ENCODING_UTF8_INVALID' }, hex);
    }
  });
});

describe('a long text', () => {
  it('is read as a short one, whether it is all of ASCII or not', () => {
    const long = 'a'.repeat(2_000_000);
    for (const text of [long, `${long}ä`, `漢${long}`]) assert.equal(decodeUtf8(encodeUtf8(text)), text);
    const wrong = concatBytes(encodeUtf8(long), Uint8Array.of(0xe4));
    assert.throws(() => decodeUtf8(wrong), { code: 'ENCODING_UTF8_INVALID' });
  });
});

describe('byte arithmetic', () => {
  it('joins, compares and pads', () => {
    assert.deepEqual(concatBytes(), new Uint8Array());
    assert.deepEqual(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
    assert.equal(bytesEqual(bytes, Uint8Array.from(bytes)), true);
    assert.equal(bytesEqual(bytes, bytes.subarray(1)), false);
    for (const length of [256, 257, 5000]) {
      const long = new Uint8Array(length).fill(7);
      assert.equal(bytesEqual(long, new Uint8Array(length + 8).fill(7).subarray(8)), true);
      for (const at of [0, 100, length - 1]) assert.equal(bytesEqual(long, long.with(at, 8)), false);
    }
    assert.equal(bytesEqual(bytes, Uint8Array.of(0xfb, 0xff, 0x00, 0x11)), false);
    assert.deepEqual(leftPad(Uint8Array.of(1), 3), Uint8Array.of(0, 0, 1));
    assert.deepEqual(leftPad(bytes, 2), bytes);
  });

  it('joins megabytes in pieces', async () => {
    const parts = [3_000_000, 0, 7, 700_000, 700_000].map((length, index) => new Uint8Array(length).fill(index + 1));
    let pauses = 0;
    const joined = await concatInPieces(parts, () => Promise.resolve(void (pauses += 1)));
    assert.ok(bytesEqual(joined, concatBytes(...parts)));
    assert.equal(pauses, 4);
  });

  it('writes unsigned integers and refuses what does not fit', () => {
    assert.deepEqual(encodeUnsigned(0x1234, 4), Uint8Array.of(0, 0, 0x12, 0x34));
    assert.deepEqual(encodeUnsigned(2n ** 64n - 1n, 8), new Uint8Array(8).fill(0xff));
    assert.throws(() => encodeUnsigned(256, 1), RangeError);
    assert.throws(() => encodeUnsigned(-1, 4), RangeError);
  });
});
