import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeAscii,
  decodeUtf16,
  encodeUtf16,
  isUtf16Text,
  readExactUtf16,
} from '../../../../src/core/event-log/events/text.ts';

/** Short and long, mostly ASCII in one byte or two, and anything else. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 160 }),
  fc.array(fc.integer({ min: 0, max: 0x80 }), { maxLength: 160 }).map((items) => Uint8Array.from(items)),
  fc.string({ maxLength: 80 }).map(encodeUtf16),
  fc.string({ maxLength: 8, unit: 'binary' }).map((text) => encodeUtf16(`\ufeff${text}`)),
  fc.constantFrom('a', '\u00a0', '\u024f', '\u0250', '\ufeffa', '\ufeff', '\ud800', 'a\0\0', '\0').map(encodeUtf16),
);

describe('texts inside event data', () => {
  it('are read in a short way as every decoder reads them', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        assert.equal(decodeAscii(input), new TextDecoder('latin1').decode(input));
        const whole = input.subarray(0, input.length & ~1);
        assert.equal(decodeUtf16(input), new TextDecoder('utf-16le').decode(whole));
      }),
    );
  });

  it('are UTF-16 where all characters are, whatever the first one says', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const text = new TextDecoder('utf-16le').decode(input).replace(/\0+$/, '');
        const isText = input.length >= 2 && input.length % 2 === 0 && /^[\t\n\u0020-\u007e\u00a0-\u024f]+$/.test(text);
        assert.equal(isUtf16Text(input), isText);
      }),
    );
  });

  it('are exact where they encode to the same bytes again', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const text = decodeUtf16(input);
        const isSame = Buffer.from(encodeUtf16(text)).equals(input);
        assert.equal(readExactUtf16(input), isSame ? text : undefined);
      }),
    );
  });
});
