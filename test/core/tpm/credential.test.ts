import assert from 'node:assert/strict';
import { constants, createECDH, generateKeyPairSync, privateDecrypt, randomBytes, type KeyObject } from 'node:crypto';
import { curveSizes, digestSizes, type EcCurve } from '../../../src/core/crypto/index.ts';
import { decodeHex, encodeHex, leftPad } from '../../../src/core/encoding/index.ts';
import {
  credentialSizes,
  ekTemplates,
  encodePublic,
  kdfe,
  makeCredential,
  openCredential,
  parseTpm2bPublic,
  verifyEndorsementKey,
  type CredentialInput,
  type CredentialProtection,
  type EndorsementKey,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { protectCredential } from '../../../src/core/tpm/credential.ts';
import { capture } from './captures.ts';
import { flipped, publicArea, truncated } from './software-key.ts';

const fill = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value);
const akName = Uint8Array.of(0, 0x0b, ...fill(0x11));
const protection: CredentialProtection = { nameAlg: 'sha256', symmetricBits: 128, seed: fill(0x55), akName };

interface SoftwareEk {
  readonly ek: EndorsementKey;
  readonly privateKey: KeyObject;
}

/** An endorsement key of a template, outside any TPM. */
function softwareEk(id: string): SoftwareEk {
  const template = ekTemplates.find((candidate) => candidate.id === id)?.area;
  assert.ok(template);
  const { publicKey, privateKey } =
    template.type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: template.keyBits })
      : generateKeyPairSync('ec', { namedCurve: template.curve });
  const key = publicArea(publicKey, template.type === 'ecc' ? template.curve : 'P-256');
  const area = (
    template.type === 'rsa' && key.type === 'rsa'
      ? { ...template, modulus: key.modulus }
      : { ...template, ...(key.type === 'ecc' ? { x: key.x, y: key.y } : {}) }
  ) as PublicArea;
  return { ek: verifyEndorsementKey(encodePublic(area)), privateKey };
}

function inputFor(ek: EndorsementKey): CredentialInput {
  const sizes = credentialSizes(ek);
  return {
    ek,
    akName,
    credential: fill(0x66),
    seed: new Uint8Array(randomBytes(sizes.seed)),
    randomness: new Uint8Array(randomBytes(sizes.randomness)),
  };
}

/** What a TPM does to find the seed, with node:crypto's own OAEP and ECDH. */
function recoverSeed({ ek, privateKey }: SoftwareEk, encryptedSecret: Uint8Array): Uint8Array {
  const area = ek.public;
  const secret = encryptedSecret.subarray(2);
  if (area.type === 'rsa') {
    const oaepLabel = Buffer.from('IDENTITY\0');
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return new Uint8Array(privateDecrypt({ key: privateKey, padding, oaepHash: area.nameAlg, oaepLabel }, secret));
  }
  const size = curveSizes[area.curve];
  assert.equal(secret.length, 2 * (size + 2));
  const x = secret.subarray(2, 2 + size);
  const names: Record<EcCurve, string> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
  const ecdh = createECDH(names[area.curve]);
  ecdh.setPrivateKey(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const shared = new Uint8Array(ecdh.computeSecret(Buffer.concat([Buffer.of(4), x, secret.subarray(size + 4)])));
  return kdfe({
    hash: area.nameAlg,
    key: leftPad(shared, size),
    label: 'IDENTITY',
    contextU: x,
    contextV: leftPad(area.x, size),
    bits: digestSizes[area.nameAlg] * 8,
  });
}

describe('makeCredential', () => {
  it('gives the known answer for its symmetric part', () => {
    assert.equal(
      encodeHex(protectCredential(protection, fill(0x66))),
      '004400206d5885344d5ab3ebec5e35a2a73e7384b98fd7cc5c01fc6fd386a8cb75bd298f34193505664a2d156863e065e7049e21eb1c729654984011419f24b5583c53bfd990',
    );
  });

  it('makes what the holder of the endorsement key can open, for every template', () => {
    for (const { id } of ekTemplates) {
      const holder = softwareEk(id);
      const input = inputFor(holder.ek);
      const { credentialBlob, encryptedSecret } = makeCredential(input);
      const seed = recoverSeed(holder, encryptedSecret);
      if (holder.ek.public.type === 'rsa') assert.deepEqual(seed, input.seed);
      const { nameAlg, symmetric } = holder.ek.public;
      const opened = openCredential({ nameAlg, symmetricBits: symmetric?.keyBits ?? 0, seed, akName }, credentialBlob);
      assert.deepEqual(opened, input.credential, id);
    }
  });

  it('is deterministic, and different for other randomness', () => {
    for (const file of ['ek_rsa', 'ek_ecc', 'ek_ecc384']) {
      const ek = verifyEndorsementKey(capture(`tpm-quote/${file}.pub`));
      const input = inputFor(ek);
      assert.deepEqual(makeCredential(input), makeCredential(input));
      const other = makeCredential({ ...input, randomness: inputFor(ek).randomness });
      assert.notDeepEqual(other.encryptedSecret, makeCredential(input).encryptedSecret);
    }
  });

  it('sizes its output as TPM2_ActivateCredential takes it', () => {
    for (const [file, secretSize] of [
      ['ek_rsa', 256],
      ['ek_ecc', 68],
      ['ek_ecc384', 100],
    ] as const) {
      const { credentialBlob, encryptedSecret } = makeCredential(
        inputFor(verifyEndorsementKey(capture(`tpm-quote/${file}.pub`))),
      );
      assert.equal(((encryptedSecret[0] ?? 0) << 8) + (encryptedSecret[1] ?? 0), secretSize);
      assert.equal(((credentialBlob[0] ?? 0) << 8) + (credentialBlob[1] ?? 0), credentialBlob.length - 2);
    }
  });

  it('rejects a credential of no or too many bytes, and seeds, randomness and names of the wrong size', () => {
    const rsa = inputFor(verifyEndorsementKey(capture('tpm-quote/ek_rsa.pub')));
    const ecc = inputFor(verifyEndorsementKey(capture('tpm-quote/ek_ecc.pub')));
    const none = new Uint8Array(0);
    for (const broken of [
      { ...rsa, credential: none },
      { ...rsa, credential: fill(1, 33) },
      { ...rsa, seed: none },
      { ...rsa, seed: fill(1, 16) },
      { ...rsa, randomness: none },
      { ...rsa, akName: none },
      { ...rsa, akName: akName.subarray(2) },
      { ...ecc, randomness: fill(1, 31) },
      { ...ecc, randomness: fill(0) },
    ]) {
      assert.throws(() => makeCredential(broken), { code: 'TPM_CREDENTIAL_INPUT_INVALID' });
    }
  });

  it('rejects a key that has no AES-CFB to protect with', () => {
    const ek = parseTpm2bPublic(capture('tpm-quote/ak_rsa.pub'));
    const input = { ek, akName, credential: fill(1), seed: fill(1), randomness: fill(1) };
    assert.throws(() => makeCredential(input), { code: 'TPM_KEY_SCHEME_REFUSED' });
    const rsa = inputFor(verifyEndorsementKey(capture('tpm-quote/ek_rsa.pub')));
    for (const symmetric of [
      { alg: 'aes', keyBits: 128, mode: 'ctr' },
      { alg: 'camellia', keyBits: 128, mode: 'cfb' },
    ] as const) {
      const other = { ...verifyEndorsementKey(capture('tpm-quote/ek_rsa.pub')).public, symmetric };
      assert.throws(() => makeCredential({ ...rsa, ek: other }), { code: 'TPM_KEY_SCHEME_REFUSED' });
    }
  });
});

describe('openCredential', () => {
  const blob = protectCredential(protection, fill(0x66));

  it('opens what was made', () => {
    assert.deepEqual(openCredential(protection, blob), fill(0x66));
  });

  it('rejects a credential for another name or another seed', () => {
    const otherName = Uint8Array.of(0, 0x0b, ...fill(0x12));
    for (const other of [{ akName: otherName }, { seed: fill(0x56) }, { nameAlg: 'sha384' as const }]) {
      const code = 'TPM_CREDENTIAL_INTEGRITY_INVALID';
      assert.throws(() => openCredential({ ...protection, ...other }, blob), { code });
    }
  });

  it('rejects every change of a byte, every truncation, and nothing', () => {
    for (const changed of flipped(blob)) assert.throws(() => openCredential(protection, changed), { code: /^TPM_/ });
    for (const part of truncated(blob)) assert.throws(() => openCredential(protection, part), { code: /^TPM_/ });
    assert.throws(() => openCredential(protection, decodeHex('0000')), { code: 'TPM_STRUCTURE_TRUNCATED' });
  });
});
