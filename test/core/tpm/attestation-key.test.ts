import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  attributeBits,
  encodePublic,
  encodeTpm2bPublic,
  verifyAttestationKey,
  type AttributeName,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';
import { publicArea, softwareKey, truncated } from './software-key.ts';

const ecc = softwareKey().area;
const rsa = softwareKey('rsassa').area;

function refused(area: PublicArea, code: string): void {
  assert.throws(() => verifyAttestationKey(encodePublic(area)), { code });
}

describe('verifyAttestationKey', () => {
  it('accepts the attestation keys of a real TPM, sized or not, and knows their names', () => {
    for (const [file, kind] of [
      ['ak_rsa', 'rsassa'],
      ['ak_ecc', 'ecdsa'],
      ['ak_ecc384', 'ecdsa'],
      ['ak_ecc_rsaek', 'ecdsa'],
    ]) {
      const bytes = capture(`tpm-quote/${file}.pub`);
      for (const key of [verifyAttestationKey(bytes), verifyAttestationKey(bytes.subarray(2))]) {
        assert.deepEqual(key.name, capture(`tpm-quote/${file}.name`));
        assert.deepEqual(key.scheme, { kind, hash: 'sha256' });
      }
    }
  });

  it('1. rejects a key that could leave its TPM or sign what the TPM did not make', () => {
    for (const name of ['fixedTpm', 'fixedParent', 'sensitiveDataOrigin', 'restricted', 'sign'] as AttributeName[]) {
      refused({ ...ecc, attributes: ecc.attributes & ~attributeBits[name] }, 'TPM_KEY_ATTRIBUTES_REFUSED');
    }
    for (const name of ['decrypt', 'x509Sign', 'encryptedDuplication', 'stClear'] as AttributeName[]) {
      refused({ ...ecc, attributes: ecc.attributes | attributeBits[name] }, 'TPM_KEY_ATTRIBUTES_REFUSED');
    }
  });

  it('1. names every attribute that is wrong', () => {
    const attributes = (ecc.attributes | attributeBits.decrypt) & ~attributeBits.restricted;
    assert.throws(() => verifyAttestationKey(encodePublic({ ...ecc, attributes })), {
      code: 'TPM_KEY_ATTRIBUTES_REFUSED',
      message: 'the attestation key lacks restricted and has decrypt',
      at: 'attributes',
    });
    for (const [attributes, message] of [
      [ecc.attributes & ~attributeBits.restricted, 'the attestation key lacks restricted'],
      [ecc.attributes | attributeBits.decrypt, 'the attestation key has decrypt'],
    ] as const) {
      assert.throws(() => verifyAttestationKey(encodePublic({ ...ecc, attributes })), { message });
    }
  });

  it('1. rejects endorsement keys', () => {
    for (const file of ['ek_rsa', 'ek_ecc', 'ek_ecc384']) {
      const bytes = capture(`tpm-quote/${file}.pub`);
      assert.throws(() => verifyAttestationKey(bytes), { code: 'TPM_KEY_ATTRIBUTES_REFUSED' });
    }
  });

  it('2. rejects a key without a scheme, with another scheme, or with SHA-1', () => {
    refused({ ...ecc, scheme: undefined }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, scheme: { kind: 'ecdaa', hash: 'sha256', count: 1 } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, scheme: { kind: 'ecdsa', hash: 'sha1' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...rsa, scheme: { kind: 'rsaes' } }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...rsa, scheme: { kind: 'rsassa', hash: 'sha1' } }, 'TPM_KEY_SCHEME_REFUSED');
    for (const [area, has] of [
      [{ ...ecc, scheme: undefined }, 'a scheme chosen per signature'],
      [{ ...rsa, scheme: { kind: 'rsaes' } }, 'rsaes'],
      [{ ...rsa, scheme: { kind: 'rsassa', hash: 'sha1' } }, 'rsassa and sha1'],
    ] as const) {
      const message = `an attestation key signs with RSASSA, RSAPSS or ECDSA and SHA-256 or stronger, not with ${has}`;
      assert.throws(() => verifyAttestationKey(encodePublic(area)), { message });
    }
  });

  it('2. accepts each scheme, with each hash', () => {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      for (const kind of ['rsassa', 'rsapss'] as const) {
        const key = verifyAttestationKey(encodePublic({ ...rsa, scheme: { kind, hash } }));
        assert.deepEqual(key.scheme, { kind, hash });
      }
      const key = verifyAttestationKey(encodePublic({ ...ecc, scheme: { kind: 'ecdsa', hash } }));
      assert.deepEqual(key.scheme, { kind: 'ecdsa', hash });
    }
  });

  it('2. rejects a key named with SHA-1 and a key with a symmetric algorithm', () => {
    refused({ ...ecc, nameAlg: 'sha1' }, 'TPM_KEY_SCHEME_REFUSED');
    refused({ ...ecc, symmetric: { alg: 'aes', keyBits: 128, mode: 'cfb' } }, 'TPM_KEY_SCHEME_REFUSED');
  });

  it('T17: rejects an RSA-1024 key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    refused(publicArea(publicKey), 'TPM_KEY_WEAK');
  });

  it('rejects nothing at all, and every truncation', () => {
    assert.throws(() => verifyAttestationKey(new Uint8Array(0)), { code: 'TPM_STRUCTURE_TRUNCATED' });
    for (const part of truncated(encodeTpm2bPublic(ecc))) {
      assert.throws(() => verifyAttestationKey(part), { name: 'MalformedError' });
    }
  });

  it('gives another name to every change of a byte that it accepts', () => {
    const bytes = encodePublic(ecc);
    const original = verifyAttestationKey(bytes).name;
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Uint8Array.from(bytes, (byte, at) => (at === index ? byte ^ 0x04 : byte));
      try {
        assert.notDeepEqual(verifyAttestationKey(changed).name, original);
      } catch (error) {
        assert.match(String(error), /MalformedError|VerificationError/);
      }
    }
    assert.equal(original.length, 34);
  });
});
