import assert from 'node:assert/strict';
import { ECDH, generateKeyPairSync } from 'node:crypto';
import { decodeBase64url, encodeHex, encodePem } from '../../../src/core/encoding/index.ts';
import {
  curveSizes,
  ecPublicKey,
  encodeSpki,
  hash,
  publicKeyFromHandle,
  publicKeyFromPem,
  publicKeyFromSpki,
  rsaPublicKey,
  spkiDigest,
  type EcCurve,
} from '../../../src/core/crypto/index.ts';
import { assertNeverSurprised } from '../../support/hostile-bytes.ts';

const invalid = { code: 'CRYPTO_KEY_INVALID' };
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = new Uint8Array(ec.publicKey.export({ format: 'der', type: 'spki' }));

function coordinates(curve: EcCurve): readonly [Uint8Array, Uint8Array] {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' });
  return [decodeBase64url(x), decodeBase64url(y)];
}

/** The head of an SPKI whose BIT STRING holds a compressed point, and the name OpenSSL gives the curve. */
const compressedHeads = {
  'P-256': ['3039301306072a8648ce3d020106082a8648ce3d030107032200', 'prime256v1'],
  'P-384': ['3046301006072a8648ce3d020106052b81040022033200', 'secp384r1'],
  'P-521': ['3058301006072a8648ce3d020106052b81040023034400', 'secp521r1'],
} as const;

function compressedSpki(point: Uint8Array, curve: EcCurve): Uint8Array {
  const [head, name] = compressedHeads[curve];
  const compressed = ECDH.convertKey(point, name, undefined, undefined, 'compressed') as Buffer;
  return Buffer.concat([Buffer.from(head, 'hex'), compressed]);
}

const pemOf = (spki: Uint8Array): string => encodePem('PUBLIC KEY', spki);

describe('public keys', () => {
  it('are the same key from SPKI, PEM, handle or the private half', () => {
    const keys = [
      publicKeyFromSpki(spki),
      publicKeyFromPem(ec.publicKey.export({ format: 'pem', type: 'spki' }).toString()),
      publicKeyFromHandle(ec.publicKey),
      publicKeyFromHandle(ec.privateKey),
    ];
    for (const key of keys) {
      assert.deepEqual([key.type, key.curve, key.bits], ['ec', 'P-256', 256]);
      assert.deepEqual(encodeSpki(key), spki);
      assert.equal(encodeHex(spkiDigest(key)), encodeHex(hash('sha256', spki)));
      assert.equal(key.handle.type, 'public');
    }
  });

  it('are the same key whatever form their point was written in [RFC5480 2.2]', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521'] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      const expected = encodeHex(spkiDigest(publicKeyFromHandle(publicKey)));
      const inFull = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
      const size = curveSizes[namedCurve];
      const point = inFull.subarray(inFull.length - 2 * size - 1);
      const odd = (point[2 * size] ?? 0) % 2;
      const hybrid = Uint8Array.from(inFull);
      hybrid[inFull.length - 2 * size - 1] = 0x06 + odd;
      for (const form of [compressedSpki(point, namedCurve), hybrid]) {
        assert.equal(encodeHex(spkiDigest(publicKeyFromSpki(form))), expected, namedCurve);
      }
    }
  });

  it('are built from coordinates on every curve', () => {
    for (const [curve, bits] of [
      ['P-256', 256],
      ['P-384', 384],
      ['P-521', 521],
    ] as const) {
      // prettier-ignore
      const [x, y] = coordinates(curve);
      assert.equal(x.length, curveSizes[curve]);
      const key = ecPublicKey(curve, x, y);
      assert.deepEqual([key.type, key.curve, key.bits], ['ec', curve, bits]);
    }
  });

  it('refuse the point at infinity, whose details Node.js cannot be asked for without ending', () => {
    const infinity = Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex');
    assert.throws(() => publicKeyFromSpki(infinity), invalid);
    assert.throws(() => publicKeyFromPem(pemOf(infinity)), invalid);
  });

  it('refuse a point that is not on the curve, and one on another curve', () => {
    const [x, y] = coordinates('P-256');
    const moved = Uint8Array.from(y, (byte, index) => (index === 31 ? byte ^ 1 : byte));
    assert.throws(() => ecPublicKey('P-256', x, moved), invalid);
    assert.throws(() => ecPublicKey('P-256', new Uint8Array(32), new Uint8Array(32)), invalid);
    assert.throws(() => ecPublicKey('P-384', x, y), invalid);
    const lastOf = (bytes: Uint8Array): Uint8Array =>
      Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
    for (const namedCurve of ['P-256', 'P-384', 'P-521'] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      const inFull = publicKey.export({ format: 'der', type: 'spki' });
      assert.throws(() => publicKeyFromSpki(lastOf(inFull)), invalid, namedCurve);
      assert.throws(() => publicKeyFromPem(pemOf(lastOf(inFull))), invalid, namedCurve);
    }
  });

  it('refuse the curves of others in the same form', () => {
    const others = ['secp256k1', 'brainpoolP256r1', 'brainpoolP384r1'];
    for (const namedCurve of others) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      assert.throws(() => publicKeyFromSpki(publicKey.export({ format: 'der', type: 'spki' })), invalid, namedCurve);
    }
  });

  it('write their SPKI as OpenSSL does', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521'] as const) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });
      const written = publicKey.export({ format: 'der', type: 'spki' });
      assert.deepEqual(encodeSpki(publicKeyFromHandle(publicKey)), new Uint8Array(written), namedCurve);
    }
  });

  it('are built from modulus and exponent', () => {
    const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const key = rsaPublicKey(decodeBase64url(n), decodeBase64url(e));
    assert.deepEqual([key.type, key.bits, key.curve], ['rsa', 2048, undefined]);
  });

  it('refuse kinds that nothing here uses', () => {
    for (const kind of ['x25519', 'ed448'] as const) {
      const { publicKey } = kind === 'ed448' ? generateKeyPairSync('ed448') : generateKeyPairSync('x25519');
      assert.throws(() => publicKeyFromHandle(publicKey), invalid);
    }
    const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
    assert.throws(() => publicKeyFromHandle(secp256k1), invalid);
  });

  it('refuse bytes and texts that are no keys, and are never surprised', () => {
    assert.throws(() => publicKeyFromSpki(new Uint8Array()), invalid);
    assert.throws(() => publicKeyFromPem('not a key'), invalid);
    assertNeverSurprised(publicKeyFromSpki, spki);
  });
});
