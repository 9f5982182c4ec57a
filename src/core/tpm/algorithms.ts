// Algorithm, curve and attribute numbers of TPM 2.0. [TPM2-P2 §6.3, §6.4, §8.3]
import { digestSizes, type EcCurve, type HashAlgorithm } from '../crypto/index.ts';
import { MalformedError } from '../error.ts';

/** TPM_ALG_ID. */
export const algorithmIds = {
  rsa: 0x0001,
  sha1: 0x0004,
  aes: 0x0006,
  sha256: 0x000b,
  sha384: 0x000c,
  sha512: 0x000d,
  null: 0x0010,
  sm4: 0x0013,
  rsassa: 0x0014,
  rsaes: 0x0015,
  rsapss: 0x0016,
  oaep: 0x0017,
  ecdsa: 0x0018,
  ecdh: 0x0019,
  ecdaa: 0x001a,
  sm2: 0x001b,
  ecschnorr: 0x001c,
  kdf1Sp80056a: 0x0020,
  kdf2: 0x0021,
  kdf1Sp800108: 0x0022,
  ecc: 0x0023,
  camellia: 0x0026,
  ctr: 0x0040,
  ofb: 0x0041,
  cbc: 0x0042,
  cfb: 0x0043,
  ecb: 0x0044,
} as const;

/** TPMI_ECC_CURVE. The smaller and the exotic curves are refused, so they have no name here. */
export const curveIds: Readonly<Record<EcCurve, number>> = { 'P-256': 3, 'P-384': 4, 'P-521': 5 };

/** TPMA_OBJECT bits. [TPM2-P2 §8.3] */
export const attributeBits = {
  fixedTpm: 1 << 1,
  stClear: 1 << 2,
  fixedParent: 1 << 4,
  sensitiveDataOrigin: 1 << 5,
  userWithAuth: 1 << 6,
  adminWithPolicy: 1 << 7,
  firmwareLimited: 1 << 8,
  svnLimited: 1 << 9,
  noDa: 1 << 10,
  encryptedDuplication: 1 << 11,
  restricted: 1 << 16,
  decrypt: 1 << 17,
  sign: 1 << 18,
  x509Sign: 1 << 19,
} as const;

export type AttributeName = keyof typeof attributeBits;

/** Permanent handles of the hierarchies. [TPM2-P2 §7.4] */
export const hierarchyHandles = {
  owner: 0x40000001,
  null: 0x40000007,
  endorsement: 0x4000000b,
  platform: 0x4000000c,
} as const;

const hashById = new Map(
  (Object.keys(digestSizes) as HashAlgorithm[]).map((name) => [algorithmIds[name] as number, name]),
);

/** The hash with TPM_ALG_ID `id`, or undefined. */
export function hashOfId(id: number): HashAlgorithm | undefined {
  return hashById.get(id);
}

/** The hash with TPM_ALG_ID `id`.
 * @throws MalformedError TPM_HASH_UNSUPPORTED */
export function hashFromId(id: number, what: string, at?: number): HashAlgorithm {
  const alg = hashOfId(id);
  if (alg !== undefined) return alg;
  throw new MalformedError(
    'TPM_HASH_UNSUPPORTED',
    `${what}: hash algorithm 0x${id.toString(16).padStart(4, '0')} is not supported`,
    at === undefined ? {} : { at },
  );
}

/** The key of `ids` whose value is `id`. */
export function nameOfId<const T extends Readonly<Record<string, number>>>(ids: T, id: number): keyof T | undefined {
  for (const name in ids) if (ids[name] === id) return name;
  return undefined;
}
