import assert from 'node:assert/strict';
import {
  coseHeaders,
  coseSign1Tag,
  coseSign1Value,
  coseSigStructure,
  decodeHex,
  encodeCbor,
  encodeCoseSign1,
  encodeHex,
  encodeProtectedHeaders,
  encodeUtf8,
  parseCoseSign1,
  readCoseSign1,
  Tagged,
  type CborValue,
} from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';

const protectedBytes = encodeProtectedHeaders(new Map([[coseHeaders.alg, -7]]));
const kid = encodeUtf8('11');
const payload = encodeUtf8('This is the content.');
const signature = new Uint8Array(64).fill(7);
const parts: readonly CborValue[] = [protectedBytes, new Map([[coseHeaders.kid, kid]]), payload, signature];
const encoded = encodeCbor(new Tagged(coseSign1Tag, parts));

/** The structure with one part replaced. */
function withPart(index: number, part: CborValue): Uint8Array {
  return encodeCbor(parts.map((original, position) => (position === index ? part : original)));
}

describe('COSE_Sign1', () => {
  it('is read with and without its tag, and written as it was', () => {
    const sign1 = parseCoseSign1(encoded);
    assert.deepEqual(sign1.protectedBytes, protectedBytes);
    assert.deepEqual(sign1.protectedHeaders, new Map([[1, -7]]));
    assert.deepEqual(sign1.untrustedHeaders, new Map([[4, kid]]));
    assert.deepEqual(sign1.payload, payload);
    assert.deepEqual(sign1.signature, signature);
    assert.deepEqual(parseCoseSign1(encodeCbor(parts)), sign1);
    assert.deepEqual(encodeCoseSign1(sign1), encoded);
    assert.deepEqual(readCoseSign1(coseSign1Value(sign1)), sign1);
  });

  it('knows a payload that travels apart', () => {
    const sign1 = parseCoseSign1(withPart(2, null));
    assert.equal(sign1.payload, undefined);
    assert.deepEqual(encodeCoseSign1(sign1), encodeCbor(new Tagged(coseSign1Tag, parts.with(2, null))));
  });

  it('reads no protected headers from an empty string and from an empty map', () => {
    assert.equal(parseCoseSign1(withPart(0, new Uint8Array())).protectedHeaders.size, 0);
    assert.equal(parseCoseSign1(withPart(0, Uint8Array.of(0xa0))).protectedHeaders.size, 0);
    assert.deepEqual(encodeProtectedHeaders(new Map()), new Uint8Array());
  });

  it('signs the structure of RFC 9052 section 4.4', () => {
    const expected = '846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e';
    assert.equal(encodeHex(coseSigStructure(protectedBytes, payload)), expected);
    const aad = decodeHex('11aa');
    assert.equal(encodeHex(coseSigStructure(protectedBytes, payload, aad)), expected.replace('4054', '4211aa54'));
  });

  it('refuses parts of the wrong type or number', () => {
    for (const bytes of [
      encodeCbor(parts.slice(0, 3)),
      encodeCbor([...parts, null]),
      encodeCbor(new Map()),
      withPart(0, new Map([[1, -7]])),
      withPart(0, Uint8Array.of(0x80)),
      withPart(1, []),
      withPart(2, 'text'),
      withPart(2, undefined),
      withPart(3, null),
    ]) {
      assert.throws(() => parseCoseSign1(bytes), { code: 'ENCODING_COSE_INVALID' }, encodeHex(bytes));
    }
  });

  it('refuses a header in both maps, and crit where nothing protects it', () => {
    assert.throws(() => parseCoseSign1(withPart(1, new Map([[1, -8]]))), { code: 'ENCODING_COSE_INVALID' });
    assert.throws(() => parseCoseSign1(withPart(1, new Map([[2, [4]]]))), { code: 'ENCODING_COSE_INVALID' });
  });

  it('holds the protected headers to the gate', () => {
    assert.throws(() => parseCoseSign1(withPart(0, decodeHex('a201260126'))), { code: 'ENCODING_CBOR_DUPLICATE_KEY' });
    assert.throws(() => parseCoseSign1(withPart(0, decodeHex('a1012600'))), { code: 'ENCODING_CBOR_TRAILING' });
  });

  it('refuses another tag', () => {
    assert.throws(() => parseCoseSign1(encodeCbor(new Tagged(98, parts))), { code: 'ENCODING_CBOR_TAG' });
  });

  it('refuses every truncation and one byte too many, and is never surprised', () => {
    assertRefusesEveryTruncation(encoded, parseCoseSign1);
    assert.throws(() => parseCoseSign1(Uint8Array.of(...encoded, 0)), { code: 'ENCODING_CBOR_TRAILING' });
    assertNeverSurprised(parseCoseSign1, encoded);
  });
});
