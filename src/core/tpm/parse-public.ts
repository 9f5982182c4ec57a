// Reading TPMT_PUBLIC and TPM2B_PUBLIC that a host sent. [TPM2-P2 §12.2]
import { curveSizes, ecPublicKey, rsaPublicKey, type EcCurve } from '../crypto/index.ts';
import { encodeUnsigned, leftPad, type Cursor } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { algorithmIds, attributeBits, curveIds, hashFromId, nameOfId } from './algorithms.ts';
import type {
  EccPublicArea,
  KdfScheme,
  KeyScheme,
  RsaPublicArea,
  SymmetricDefinition,
  TpmPublic,
} from './public-area.ts';
import { readSized, sizeLimits, tpmCursor } from './wire.ts';

const knownAttributes = Object.values(attributeBits).reduce((all, bit) => all | bit, 0);
const symmetricIds = { aes: algorithmIds.aes, sm4: algorithmIds.sm4, camellia: algorithmIds.camellia } as const;
const modeIds = {
  ctr: algorithmIds.ctr,
  ofb: algorithmIds.ofb,
  cbc: algorithmIds.cbc,
  cfb: algorithmIds.cfb,
  ecb: algorithmIds.ecb,
} as const;
const rsaSchemeIds = { rsassa: algorithmIds.rsassa, rsapss: algorithmIds.rsapss, oaep: algorithmIds.oaep } as const;
const eccSchemeIds = {
  ecdsa: algorithmIds.ecdsa,
  ecdh: algorithmIds.ecdh,
  sm2: algorithmIds.sm2,
  ecschnorr: algorithmIds.ecschnorr,
} as const;
const kdfIds = {
  kdf1Sp80056a: algorithmIds.kdf1Sp80056a,
  kdf2: algorithmIds.kdf2,
  kdf1Sp800108: algorithmIds.kdf1Sp800108,
} as const;

type PublicHeader = Pick<TpmPublic, 'nameAlg' | 'attributes' | 'authPolicy'>;

/** Parses a TPMT_PUBLIC of an RSA or ECC key. Says nothing about where the key lives or what it may do. Accepts only
 * what encodes back to the same bytes, so that one key area has one name.
 * @throws MalformedError TPM_STRUCTURE_*, TPM_PUBLIC_*, TPM_HASH_UNSUPPORTED
 * @throws VerificationError CRYPTO_KEY_INVALID when the key itself is impossible (a point off its curve) */
export function parsePublic(bytes: Uint8Array): TpmPublic {
  const cursor = tpmCursor(bytes, sizeLimits.publicArea, 'public area');
  const type = cursor.u16('public area type');
  if (type !== algorithmIds.rsa && type !== algorithmIds.ecc) {
    throw new MalformedError('TPM_PUBLIC_TYPE_UNSUPPORTED', `key type 0x${type.toString(16)} is not RSA or ECC`, {
      at: 0,
    });
  }
  const header = readHeader(cursor);
  const area = type === algorithmIds.rsa ? readRsa(cursor, header) : readEcc(cursor, header);
  cursor.end('public area');
  return { ...area, bytes };
}

/** Parses a TPM2B_PUBLIC, what `tpm2_createak -u` writes.
 * @throws as parsePublic */
export function parseTpm2bPublic(bytes: Uint8Array): TpmPublic {
  const cursor = tpmCursor(bytes, sizeLimits.publicArea + 2, 'sized public area');
  const area = readSized(cursor, sizeLimits.publicArea, 'public area');
  cursor.end('sized public area');
  return parsePublic(area);
}

/** Parses either: a TPMT_PUBLIC begins with 0x0001 or 0x0023, which is no possible size of one.
 * @throws as parsePublic */
export function parseAnyPublic(bytes: Uint8Array): TpmPublic {
  const sized = bytes.length >= 2 && ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0) === bytes.length - 2;
  return sized ? parseTpm2bPublic(bytes) : parsePublic(bytes);
}

function readHeader(cursor: Cursor): PublicHeader {
  const nameAlg = hashFromId(cursor.u16('name algorithm'), 'name algorithm', 2);
  const at = cursor.offset;
  const attributes = cursor.u32('attributes');
  if ((attributes & ~knownAttributes) !== 0) {
    throw new MalformedError('TPM_PUBLIC_ATTRIBUTES_RESERVED', `attributes 0x${attributes.toString(16)}`, { at });
  }
  return { nameAlg, attributes, authPolicy: readSized(cursor, sizeLimits.digest, 'policy') };
}

function readRsa(cursor: Cursor, header: PublicHeader): RsaPublicArea & Pick<TpmPublic, 'publicKey'> {
  const symmetric = readSymmetric(cursor);
  const scheme = readScheme(cursor, rsaSchemeIds);
  const keyBits = cursor.u16('RSA key size');
  const exponent = cursor.u32('RSA exponent');
  const at = cursor.offset;
  const modulus = readSized(cursor, sizeLimits.rsa, 'RSA modulus');
  if (modulus.length === 0 || modulus.length * 8 !== keyBits) {
    throw new MalformedError(
      'TPM_PUBLIC_UNIQUE_INVALID',
      `a modulus of ${modulus.length} bytes for a key of ${keyBits} bits`,
      { at },
    );
  }
  const publicKey = rsaPublicKey(modulus, minimalUnsigned(exponent === 0 ? 65537 : exponent));
  return { type: 'rsa', ...header, symmetric, scheme, keyBits, exponent, modulus, publicKey };
}

function readEcc(cursor: Cursor, header: PublicHeader): EccPublicArea & Pick<TpmPublic, 'publicKey'> {
  const symmetric = readSymmetric(cursor);
  const scheme = readScheme(cursor, eccSchemeIds);
  const at = cursor.offset;
  const curveId = cursor.u16('curve');
  const curve = nameOfId(curveIds, curveId);
  if (curve === undefined) {
    throw new MalformedError('TPM_PUBLIC_CURVE_UNSUPPORTED', `curve 0x${curveId.toString(16)}`, { at });
  }
  const kdf = readKdf(cursor);
  const x = readCoordinate(cursor, curve);
  const y = readCoordinate(cursor, curve);
  const size = curveSizes[curve];
  const publicKey = ecPublicKey(curve, leftPad(x, size), leftPad(y, size));
  return { type: 'ecc', ...header, symmetric, scheme, curve, kdf, x, y, publicKey };
}

function readCoordinate(cursor: Cursor, curve: EcCurve): Uint8Array {
  const at = cursor.offset;
  const coordinate = readSized(cursor, sizeLimits.ecc, 'ECC coordinate');
  if (coordinate.length === 0 || coordinate.length > curveSizes[curve]) {
    throw new MalformedError('TPM_PUBLIC_UNIQUE_INVALID', `a coordinate of ${coordinate.length} bytes on ${curve}`, {
      at,
    });
  }
  return coordinate;
}

function readSymmetric(cursor: Cursor): SymmetricDefinition | undefined {
  const at = cursor.offset;
  const id = cursor.u16('symmetric algorithm');
  if (id === algorithmIds.null) return undefined;
  const alg = nameOfId(symmetricIds, id);
  if (alg === undefined) throw unsupported('TPM_PUBLIC_SYMMETRIC_UNSUPPORTED', 'symmetric algorithm', id, at);
  const keyBits = cursor.u16('symmetric key size');
  const modeId = cursor.u16('symmetric mode');
  const mode = nameOfId(modeIds, modeId);
  if (mode === undefined) throw unsupported('TPM_PUBLIC_SYMMETRIC_UNSUPPORTED', 'symmetric mode', modeId, at);
  return { alg, keyBits, mode };
}

type SchemeIds = typeof rsaSchemeIds | typeof eccSchemeIds;

function readScheme(cursor: Cursor, ids: SchemeIds): KeyScheme | undefined {
  const at = cursor.offset;
  const id = cursor.u16('scheme');
  if (id === algorithmIds.null) return undefined;
  if (ids === rsaSchemeIds && id === algorithmIds.rsaes) return { kind: 'rsaes' };
  const isEcdaa = ids === eccSchemeIds && id === algorithmIds.ecdaa;
  const kind = nameOfId<Readonly<Record<string, number>>>(ids, id) as keyof typeof rsaSchemeIds | undefined;
  if (kind === undefined && !isEcdaa) throw unsupported('TPM_PUBLIC_SCHEME_UNSUPPORTED', 'scheme', id, at);
  const hash = hashFromId(cursor.u16('scheme hash'), 'scheme', at);
  return kind === undefined ? { kind: 'ecdaa', hash, count: cursor.u16('count') } : { kind, hash };
}

function readKdf(cursor: Cursor): KdfScheme | undefined {
  const at = cursor.offset;
  const id = cursor.u16('key derivation scheme');
  if (id === algorithmIds.null) return undefined;
  const kind = nameOfId(kdfIds, id);
  if (kind === undefined) throw unsupported('TPM_PUBLIC_SCHEME_UNSUPPORTED', 'key derivation scheme', id, at);
  return { kind, hash: hashFromId(cursor.u16('key derivation hash'), 'key derivation scheme', at) };
}

function unsupported(
  code: 'TPM_PUBLIC_SYMMETRIC_UNSUPPORTED' | 'TPM_PUBLIC_SCHEME_UNSUPPORTED',
  what: string,
  id: number,
  at: number,
): MalformedError {
  return new MalformedError(code, `${what} 0x${id.toString(16)} is not supported here`, { at });
}

function minimalUnsigned(value: number): Uint8Array {
  const bytes = encodeUnsigned(value, 4);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}
