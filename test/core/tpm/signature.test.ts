import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { publicKeyFromHandle, publicKeyFromPem, type EcCurve } from '../../../src/core/crypto/index.ts';
import { concatBytes, leftPad } from '../../../src/core/encoding/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { encodeSignature, isSignatureValid, parseSignature } from '../../../src/core/tpm/index.ts';
import { capturedQuotes } from './captures.ts';
import { flipped, softwareKey, truncated, withExtraByte } from './software-key.ts';

const message = new Uint8Array(100).fill(7);

describe('parseSignature', () => {
  it('reads the signatures of a real TPM and encodes them back to the same bytes', () => {
    for (const { title, signature } of capturedQuotes) {
      assert.deepEqual(encodeSignature(parseSignature(signature)), signature, title);
    }
  });

  it('T26: rejects every truncation and one byte too many', () => {
    for (const { signature } of capturedQuotes) {
      for (const part of truncated(signature)) {
        assert.throws(() => parseSignature(part), { code: 'TPM_STRUCTURE_TRUNCATED' });
      }
      assert.throws(() => parseSignature(withExtraByte(signature)), { code: 'TPM_STRUCTURE_TRAILING' });
    }
  });

  it('rejects schemes that are not RSASSA, RSAPSS or ECDSA: none, HMAC, ECDAA, SM2', () => {
    for (const id of [0x10, 0x05, 0x1a, 0x1b, 0x1c, 0xffff]) {
      const bytes = Uint8Array.of(id >> 8, id & 0xff, 0, 0x0b, 0, 0);
      assert.throws(() => parseSignature(bytes), { code: 'TPM_SIGNATURE_SCHEME_UNSUPPORTED', at: 0 });
    }
  });

  it('rejects an unknown hash and sizes that lie', () => {
    assert.throws(() => parseSignature(Uint8Array.of(0, 0x14, 0, 0x10, 0, 0)), { code: 'TPM_HASH_UNSUPPORTED', at: 2 });
    const lying = Uint8Array.of(0, 0x14, 0, 0x0b, 0xff, 0xff);
    assert.throws(() => parseSignature(lying), { code: 'TPM_STRUCTURE_TOO_LARGE' });
    assert.throws(() => parseSignature(new Uint8Array(601)), { code: 'TPM_STRUCTURE_TOO_LARGE' });
  });

  it('gives a result that encodes back, or a typed error, for any bytes', () => {
    const seed = capturedQuotes[1]?.signature ?? new Uint8Array(0);
    fc.assert(
      fc.property(fc.nat(80), fc.uint8Array({ maxLength: 6 }), (offset, noise) => {
        const bytes = concatBytes(seed.subarray(0, offset), noise, seed.subarray(offset + noise.length));
        try {
          assert.deepEqual(encodeSignature(parseSignature(bytes)), bytes);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isSignatureValid', () => {
  it('accepts the signatures of a real TPM under the key tpm2-tools wrote as PEM', () => {
    for (const { title, attest, signature, akPem } of capturedQuotes) {
      assert.ok(isSignatureValid(publicKeyFromPem(akPem), attest, parseSignature(signature)), title);
    }
  });

  it('accepts RSAPSS with a salt of any length, as TPMs differ', () => {
    for (const saltLength of [32, 20, 0, 222]) {
      const { key, sign: make } = softwareKey('rsapss', 'sha256', 'P-256', saltLength);
      assert.ok(isSignatureValid(key.public.publicKey, message, parseSignature(make(message))), String(saltLength));
    }
  });

  it('accepts ECDSA on every curve and with every hash, though leading zeros are stripped', () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] satisfies EcCurve[]) {
      for (const alg of ['sha256', 'sha384', 'sha512'] as const) {
        const { key, sign: make } = softwareKey('ecdsa', alg, curve);
        for (let round = 0; round < 20; round += 1) {
          assert.ok(isSignatureValid(key.public.publicKey, message, parseSignature(make(message))), `${curve} ${alg}`);
        }
      }
    }
  });

  it('accepts an RSA signature stripped of its leading zeros, and trims none that is too long', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = publicKeyFromHandle(publicKey);
    for (let counter = 0; counter < 5000; counter += 1) {
      const text = createHash('sha256').update(String(counter)).digest();
      const signature = new Uint8Array(sign('sha256', text, privateKey));
      if (signature[0] !== 0) continue;
      const parsed = { kind: 'rsassa', hash: 'sha256' } as const;
      assert.ok(isSignatureValid(key, text, { ...parsed, signature: signature.subarray(1) }));
      const long = concatBytes(Uint8Array.of(0), signature);
      assert.ok(!isSignatureValid(key, text, { ...parsed, signature: long }));
      return;
    }
    assert.fail('no signature with a leading zero');
  });

  it('rejects integers of zero, of nothing, and longer than the field', () => {
    const { key, sign: make } = softwareKey();
    const parsed = parseSignature(make(message));
    assert.ok(parsed.kind === 'ecdsa');
    const none = new Uint8Array(0);
    const zero = Uint8Array.of(0);
    const longer = [
      { r: concatBytes(zero, leftPad(parsed.r, 32)) },
      { s: concatBytes(zero, leftPad(parsed.s, 32)) },
      { r: concatBytes(leftPad(parsed.r, 32), zero) },
      { s: concatBytes(leftPad(parsed.s, 32), zero) },
    ];
    for (const broken of [{ r: none }, { s: none }, { r: new Uint8Array(32) }, ...longer]) {
      assert.ok(!isSignatureValid(key.public.publicKey, message, { ...parsed, ...broken }));
    }
  });

  it('rejects a signature of a scheme that the key type does not have', () => {
    const ecc = softwareKey();
    const rsa = softwareKey('rsassa');
    const of = (made: Uint8Array): ReturnType<typeof parseSignature> => parseSignature(made);
    assert.ok(!isSignatureValid(rsa.key.public.publicKey, message, of(ecc.sign(message))));
    assert.ok(!isSignatureValid(ecc.key.public.publicKey, message, of(rsa.sign(message))));
  });

  it('rejects every change of a byte, in message and signature', () => {
    const { key, sign: make } = softwareKey();
    const signature = make(message);
    for (const changed of flipped(message)) {
      assert.ok(!isSignatureValid(key.public.publicKey, changed, parseSignature(signature)));
    }
    const parsed = parseSignature(signature);
    assert.ok(parsed.kind === 'ecdsa');
    for (const r of flipped(parsed.r)) assert.ok(!isSignatureValid(key.public.publicKey, message, { ...parsed, r }));
  });
});
