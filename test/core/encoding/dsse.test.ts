import assert from 'node:assert/strict';
import {
  decodeUtf8,
  encodeDsseEnvelope,
  encodeUtf8,
  maximumEnvelopeSignatures,
  parseDsseEnvelope,
  preAuthEncoding,
  type JsonValue,
} from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';

const envelope = { payloadType: 'http://example.com/HelloWorld', payload: 'aGVsbG8gd29ybGQ=', signatures: [{ keyid: 'k', sig: 'AQID' }] }; // prettier-ignore
const parse = (value: unknown) => parseDsseEnvelope(encodeUtf8(JSON.stringify(value)));

describe('preAuthEncoding', () => {
  it('knows the example of the specification', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', encodeUtf8('hello world'));
    assert.equal(decodeUtf8(encoded), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters, and takes an empty payload', () => {
    assert.equal(decodeUtf8(preAuthEncoding('é', new Uint8Array())), 'DSSEv1 2 é 0 ');
  });

  it('keeps type and payload apart: moving a byte between them changes what is signed', () => {
    assert.notDeepEqual(preAuthEncoding('a 1', encodeUtf8('b')), preAuthEncoding('a', encodeUtf8('1 b')));
  });
});

describe('parseDsseEnvelope', () => {
  it('reads an envelope and writes it back in canonical form', () => {
    const read = parse(envelope);
    assert.deepEqual(read, {
      payloadType: envelope.payloadType,
      payload: encodeUtf8('hello world'),
      signatures: [{ keyid: 'k', sig: Uint8Array.of(1, 2, 3) }],
    });
    assert.deepEqual(parseDsseEnvelope(encodeDsseEnvelope(read)), read);
    assert.equal(decodeUtf8(encodeDsseEnvelope(read)), JSON.stringify({ payload: envelope.payload, payloadType: envelope.payloadType, signatures: envelope.signatures })); // prettier-ignore
  });

  it('takes either alphabet of base64, absent and empty key ids, and members it does not know', () => {
    const read = parse({ ...envelope, payload: '-_8=', extra: 1, signatures: [{ sig: '+/8=', x: {} }, { keyid: '', sig: 'AQID' }, { keyid: null, sig: 'AQID' }] }); // prettier-ignore
    assert.deepEqual(read.payload, Uint8Array.of(0xfb, 0xff));
    assert.deepEqual(read.signatures[0], { sig: Uint8Array.of(0xfb, 0xff) });
    assert.deepEqual(read.signatures[1], { sig: Uint8Array.of(1, 2, 3) });
    assert.deepEqual(read.signatures[2], read.signatures[1]);
  });

  it('refuses an envelope without signatures, and one with too many', () => {
    assert.throws(() => parse({ ...envelope, signatures: [] }), { code: 'ENCODING_DSSE_INVALID', at: 'signatures' });
    const many = new Array<JsonValue>(maximumEnvelopeSignatures + 1).fill({ sig: 'AQID' });
    assert.throws(() => parse({ ...envelope, signatures: many }), { code: 'ENCODING_DSSE_INVALID', at: 'signatures' });
  });

  it('refuses members that are missing, empty or of the wrong type', () => {
    for (const [value, at] of [
      [[], '$'],
      [null, '$'],
      [{ ...envelope, payloadType: undefined }, 'payloadType'],
      [{ ...envelope, payloadType: '' }, 'payloadType'],
      [{ ...envelope, payloadType: 1 }, 'payloadType'],
      [{ ...envelope, payload: undefined }, 'payload'],
      [{ ...envelope, payload: { a: 1 } }, 'payload'],
      [{ ...envelope, signatures: undefined }, 'signatures'],
      [{ ...envelope, signatures: { 0: { sig: 'AQID' } } }, 'signatures'],
      [{ ...envelope, signatures: ['AQID'] }, 'signatures[0]'],
      [{ ...envelope, signatures: [{ keyid: 'k' }] }, 'signatures[0].sig'],
      [{ ...envelope, signatures: [{ sig: 'AQID' }, { sig: '' }] }, 'signatures[1].sig'],
      [{ ...envelope, signatures: [{ sig: 'AQID', keyid: 1 }] }, 'signatures[0].keyid'],
    ] as const) {
      assert.throws(() => parse(value), { code: 'ENCODING_DSSE_INVALID', at }, JSON.stringify(value));
    }
  });

  it('refuses base64 that is not canonical, because two spellings would be one payload', () => {
    for (const payload of ['aGVsbG8gd29ybGR=', 'aGVsbG8', 'a GVs', 'aGVsbG8gd29ybGQ']) {
      assert.throws(() => parse({ ...envelope, payload }), { code: 'ENCODING_BASE64_INVALID' }, payload);
    }
  });

  it('refuses a member that occurs twice', () => {
    const text = JSON.stringify(envelope).replace('{', '{"payload":"AAAA",');
    assert.throws(() => parseDsseEnvelope(encodeUtf8(text)), { code: 'ENCODING_JSON_DUPLICATE_KEY' });
  });

  it('refuses every truncation and is never surprised', () => {
    const bytes = encodeUtf8(JSON.stringify(envelope));
    assertRefusesEveryTruncation(bytes, parseDsseEnvelope);
    assertNeverSurprised(parseDsseEnvelope, bytes);
  });
});
