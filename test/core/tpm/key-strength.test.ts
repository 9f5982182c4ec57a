import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { encodePublic, parsePublic, parseTpm2bPublic, verifyKeyStrength } from '../../../src/core/tpm/index.ts';
import { hasRocaFingerprint } from '../../../src/core/crypto/index.ts';
import { flawedModulus } from '../../support/flawed-modulus.ts';
import { capture } from './captures.ts';
import { publicArea, softwareKey } from './software-key.ts';

const area = softwareKey('rsassa').area;

function refused(change: { modulus?: Uint8Array; exponent?: number }, code: string, message = /./): void {
  assert.ok(area.type === 'rsa');
  const modulus = change.modulus ?? area.modulus;
  const weak = parsePublic(encodePublic({ ...area, ...change, modulus, keyBits: modulus.length * 8 }));
  assert.throws(() => verifyKeyStrength(weak), { code, message });
}

describe('verifyKeyStrength', () => {
  it('accepts keys of a real TPM and of this machine', () => {
    for (const file of ['ak_rsa', 'ak_ecc', 'ek_rsa', 'ek_ecc384']) {
      verifyKeyStrength(parseTpm2bPublic(capture(`tpm-quote/${file}.pub`)));
    }
    for (const modulusLength of [2048, 3072, 4096]) {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
      verifyKeyStrength(parsePublic(encodePublic(publicArea(publicKey))));
    }
  });

  it('T17: rejects RSA keys below 2048 bits and of unusual sizes', () => {
    for (const modulusLength of [1024, 1536, 2056]) {
      const made = publicArea(generateKeyPairSync('rsa', { modulusLength }).publicKey);
      assert.ok(made.type === 'rsa');
      refused({ modulus: made.modulus }, 'TPM_KEY_WEAK');
    }
  });

  it('T17: rejects a modulus that is shorter than it looks, and an even one', () => {
    assert.ok(area.type === 'rsa');
    refused(
      { modulus: Uint8Array.from(area.modulus, (byte, index) => (index === 0 ? byte & 0x7f : byte)) },
      'TPM_KEY_WEAK',
    );
    refused(
      { modulus: Uint8Array.from(area.modulus, (byte, index) => (index === 255 ? byte & 0xfe : byte)) },
      'TPM_KEY_WEAK',
      /even/,
    );
  });

  it('T17: rejects any exponent but 65537, which 0 stands for', () => {
    for (const exponent of [1, 3, 17, 65539]) refused({ exponent }, 'TPM_KEY_WEAK');
    verifyKeyStrength(parsePublic(encodePublic({ ...area, exponent: 65537 } as typeof area)));
  });

  it('T17: rejects moduli of the flawed generator of CVE-2017-15361', () => {
    for (const exponent of [1n, 2n, 123456789n]) {
      const modulus = flawedModulus(exponent);
      assert.ok(hasRocaFingerprint(modulus), encodeHex(modulus.subarray(0, 4)));
      refused({ modulus }, 'TPM_KEY_ROCA');
    }
  });
});
