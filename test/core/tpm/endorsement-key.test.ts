import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  attributeBits,
  ekTemplates,
  encodePublic,
  parseTpm2bPublic,
  verifyEndorsementKey,
  type AttributeName,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';
import { publicArea } from './software-key.ts';

const ecc: PublicArea = parseTpm2bPublic(capture('tpm-quote/ek_ecc.pub'));

function refused(area: PublicArea, code: string): void {
  assert.throws(() => verifyEndorsementKey(encodePublic(area)), { code });
}

describe('verifyEndorsementKey', () => {
  it('accepts the endorsement keys of a real TPM, low range and high range', () => {
    for (const file of ['ek_rsa', 'ek_ecc', 'ek_ecc384']) {
      const bytes = capture(`tpm-quote/${file}.pub`);
      assert.deepEqual(verifyEndorsementKey(bytes).name, verifyEndorsementKey(bytes.subarray(2)).name, file);
    }
  });

  it('1. rejects a key that could leave its TPM, sign, or be used without its policy', () => {
    const required: AttributeName[] = [
      'fixedTpm',
      'fixedParent',
      'sensitiveDataOrigin',
      'restricted',
      'decrypt',
      'adminWithPolicy',
    ];
    for (const name of required) {
      refused({ ...ecc, attributes: ecc.attributes & ~attributeBits[name] }, 'TPM_KEY_ATTRIBUTES_REFUSED');
    }
    refused({ ...ecc, attributes: ecc.attributes | attributeBits.sign }, 'TPM_KEY_ATTRIBUTES_REFUSED');
  });

  it('1. rejects attestation keys', () => {
    for (const file of ['ak_rsa', 'ak_ecc']) {
      const bytes = capture(`tpm-quote/${file}.pub`);
      assert.throws(() => verifyEndorsementKey(bytes), { code: 'TPM_KEY_ATTRIBUTES_REFUSED' });
    }
  });

  it('2. rejects other symmetric algorithms and modes, a scheme, and a name made with SHA-1', () => {
    refused({ ...ecc, symmetric: undefined }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, symmetric: { alg: 'aes', keyBits: 128, mode: 'ecb' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, symmetric: { alg: 'aes', keyBits: 64, mode: 'cfb' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, symmetric: { alg: 'sm4', keyBits: 128, mode: 'cfb' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, scheme: { kind: 'ecdh', hash: 'sha256' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, nameAlg: 'sha1' }, 'TPM_KEY_SCHEME_REFUSED');
  });

  it('T17: rejects an RSA-1024 key', () => {
    const template = ekTemplates[0]?.area;
    const key = publicArea(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
    assert.ok(template?.type === 'rsa' && key.type === 'rsa');
    refused({ ...template, keyBits: 1024, modulus: key.modulus }, 'TPM_KEY_WEAK');
  });

  it('rejects nothing at all, and a template', () => {
    assert.throws(() => verifyEndorsementKey(new Uint8Array(0)), { code: 'TPM_STRUCTURE_TRUNCATED' });
    const template = ekTemplates.find(({ id }) => id === 'H-1')?.area;
    assert.ok(template);
    refused(template, 'TPM_PUBLIC_UNIQUE_INVALID');
  });
});
