// Templates that keys are created from: the endorsement keys of the EK profile and our attestation keys.
// [TCG-EK §B.3, §B.4]
import { curveSizes, type EcCurve, type HashAlgorithm } from '../crypto/index.ts';
import { decodeHex } from '../encoding/index.ts';
import { attributeBits } from './algorithms.ts';
import type { EccPublicArea, PublicArea, RsaPublicArea, SymmetricDefinition } from './public-area.ts';

export interface EkTemplate {
  readonly id: 'L-1' | 'L-2' | 'H-1' | 'H-2' | 'H-3' | 'H-4' | 'H-6' | 'H-7';
  readonly area: PublicArea;
  /** NV index of the certificate of the key made from this template. */
  readonly certificateIndex: number;
}

const bits = attributeBits;
const lowAttributes =
  bits.fixedTpm | bits.fixedParent | bits.sensitiveDataOrigin | bits.adminWithPolicy | bits.restricted | bits.decrypt;
const highAttributes = lowAttributes | bits.userWithAuth;

/** PolicySecret(TPM_RH_ENDORSEMENT): the policy of the low range. */
const policyA = decodeHex('837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa');

/** PolicyOR(PolicyA, PolicyAuthorizeNV): the policy of the high range, per name algorithm. */
const policyB: Readonly<Record<Exclude<HashAlgorithm, 'sha1'>, Uint8Array>> = {
  sha256: decodeHex('ca3d0a99a2b93906f7a3342414efcfb3a385d44cd1fd459089d19b5071c0b7a0'),
  sha384: decodeHex('b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4cb1c0ad9bde419cacb47ba09699646150f9fc000f3f80e12'),
  sha512: decodeHex(
    'b8221ca69e8550a4914de3faa6a18c072cc01208073a928d5d66d59ef79e49a429c41a6b269571d57edb25fbdb1838425608b413cd616a5f6db5b6071af99bea',
  ),
};

const empty = new Uint8Array(0);

function aesCfb(keyBits: 128 | 256): SymmetricDefinition {
  return { alg: 'aes', keyBits, mode: 'cfb' };
}

function lowRsa(): RsaPublicArea {
  return {
    type: 'rsa',
    nameAlg: 'sha256',
    attributes: lowAttributes,
    authPolicy: policyA,
    symmetric: aesCfb(128),
    scheme: undefined,
    keyBits: 2048,
    exponent: 0,
    modulus: new Uint8Array(256),
  };
}

function lowEcc(): EccPublicArea {
  return {
    type: 'ecc',
    nameAlg: 'sha256',
    attributes: lowAttributes,
    authPolicy: policyA,
    symmetric: aesCfb(128),
    scheme: undefined,
    curve: 'P-256',
    kdf: undefined,
    x: new Uint8Array(curveSizes['P-256']),
    y: new Uint8Array(curveSizes['P-256']),
  };
}

function highRsa(keyBits: number, nameAlg: 'sha256' | 'sha384'): RsaPublicArea {
  return {
    ...lowRsa(),
    nameAlg,
    attributes: highAttributes,
    authPolicy: policyB[nameAlg],
    symmetric: aesCfb(nameAlg === 'sha256' ? 128 : 256),
    keyBits,
    modulus: empty,
  };
}

function highEcc(curve: EcCurve, nameAlg: 'sha256' | 'sha384' | 'sha512'): EccPublicArea {
  return {
    ...lowEcc(),
    nameAlg,
    attributes: highAttributes,
    authPolicy: policyB[nameAlg],
    symmetric: aesCfb(nameAlg === 'sha256' ? 128 : 256),
    curve,
    x: empty,
    y: empty,
  };
}

/** The default templates. A vendor may have stored another one in NV; the EK certificate is what counts then. */
export const ekTemplates: readonly EkTemplate[] = [
  { id: 'L-1', area: lowRsa(), certificateIndex: 0x01c00002 },
  { id: 'L-2', area: lowEcc(), certificateIndex: 0x01c0000a },
  { id: 'H-1', area: highRsa(2048, 'sha256'), certificateIndex: 0x01c00012 },
  { id: 'H-2', area: highEcc('P-256', 'sha256'), certificateIndex: 0x01c00014 },
  { id: 'H-3', area: highEcc('P-384', 'sha384'), certificateIndex: 0x01c00016 },
  { id: 'H-4', area: highEcc('P-521', 'sha512'), certificateIndex: 0x01c00018 },
  { id: 'H-6', area: highRsa(3072, 'sha384'), certificateIndex: 0x01c0001c },
  { id: 'H-7', area: highRsa(4096, 'sha384'), certificateIndex: 0x01c0001e },
];

const akAttributes =
  bits.fixedTpm |
  bits.fixedParent |
  bits.sensitiveDataOrigin |
  bits.userWithAuth |
  bits.noDa |
  bits.restricted |
  bits.sign;

/** Template of an attestation key: RSA-2048 with RSASSA-SHA256, or P-256 with ECDSA-SHA256. Passes
 * `verifyAttestationKey`. Without dictionary-attack protection (noDA), because its authorisation is empty. */
export function akTemplate(type: 'rsa' | 'ecc'): PublicArea {
  const base = { nameAlg: 'sha256', attributes: akAttributes, authPolicy: empty, symmetric: undefined } as const;
  return type === 'rsa'
    ? { type, ...base, scheme: { kind: 'rsassa', hash: 'sha256' }, keyBits: 2048, exponent: 0, modulus: empty }
    : { type, ...base, scheme: { kind: 'ecdsa', hash: 'sha256' }, curve: 'P-256', kdf: undefined, x: empty, y: empty };
}
