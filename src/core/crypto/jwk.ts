// JSON Web Keys, public and for signatures only: how relying parties get our keys and we get theirs. [RFC7517] [RFC7638]
import { MalformedError, VerificationError } from '../error.ts';
import {
  canonicalJson,
  concatBytes,
  decodeBase64url,
  decodeHex,
  encodeBase64url,
  isJsonArray,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
  type JsonValue,
} from '../encoding/index.ts';
import { hash } from './hash.ts';
import { curveSizes, ecPublicKey, publicKeyFromSpki, rsaPublicKey, type EcCurve, type PublicKey } from './key.ts';
import { algorithmFor, checkSuitable, isSigningAlgorithm, type VerificationKey } from './signing-algorithm.ts';

/** The key as a member of a JWK Set, with its name, its algorithm and its use. */
export function jwkOf({ publicKey, alg, kid }: VerificationKey): JsonObject {
  return { ...publicMembers(publicKey), kid, alg, use: 'sig' };
}

/** The name of a key that anyone can compute from it: base64url SHA-256 of its required members. [RFC7638 §3] */
export function thumbprintOf(publicKey: PublicKey): string {
  return encodeBase64url(hash('sha256', canonicalJson(publicMembers(publicKey))));
}

/** Reads one JWK. A key without `kid` is named by its thumbprint; one without `alg` has the only algorithm of its kind,
 * and an RSA key must name it.
 * @throws MalformedError CRYPTO_JWK_INVALID, ENCODING_BASE64_INVALID
 * @throws VerificationError CRYPTO_KEY_INVALID, CRYPTO_KEY_UNSUITABLE */
export function parseJwk(value: JsonValue): VerificationKey {
  if (!isJsonObject(value)) throw invalid('not an object');
  for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    if (Object.hasOwn(value, secret)) throw invalid(`the secret member ${secret} is present`);
  }
  const use = value['use'];
  if (use !== undefined && use !== 'sig') throw invalid('the key is not for signatures');
  const publicKey = readPublicKey(value);
  // RFC 9864 gives EdDSA with this curve a name of its own.
  const named = value['alg'] === 'Ed25519' ? 'EdDSA' : value['alg'];
  if (named !== undefined && !isSigningAlgorithm(named)) throw invalid('an algorithm that is not supported');
  const alg = algorithmFor(publicKey, named);
  checkSuitable(publicKey, alg);
  const kid = value['kid'] ?? thumbprintOf(publicKey);
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) throw invalid('kid is no short text');
  return { kid, alg, publicKey };
}

/** Reads a JWK Set and keeps the keys that can be used here: others may serve other purposes. Two keys of one name are
 * refused, because a token that names them would have two meanings.
 * @throws MalformedError CRYPTO_JWK_INVALID and those of `parseJsonStrict` */
export function parseJwks(bytes: Uint8Array): VerificationKey[] {
  const set = parseJsonStrict(bytes, { maxDepth: 8 });
  const members = isJsonObject(set) ? set['keys'] : undefined;
  if (members === undefined || !isJsonArray(members)) throw invalid('a key set has a list named keys');
  if (members.length > 128) throw invalid('more than 128 keys');
  const keys = members.flatMap(usableKey);
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) throw invalid('two keys have one kid');
  return keys;
}

function usableKey(member: JsonValue): VerificationKey[] {
  try {
    return [parseJwk(member)];
  } catch (error) {
    if (error instanceof MalformedError || error instanceof VerificationError) return [];
    throw error;
  }
}

function publicMembers(publicKey: PublicKey): JsonObject {
  const { kty, crv, x, y, n, e } = publicKey.handle.export({ format: 'jwk' });
  const members = { crv, e, kty, n, x, y };
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function readPublicKey(jwk: JsonObject): PublicKey {
  switch (jwk['kty']) {
    case 'EC': {
      const curve = readCurve(jwk['crv']);
      return ecPublicKey(curve, member(jwk, 'x', curveSizes[curve]), member(jwk, 'y', curveSizes[curve]));
    }
    case 'OKP':
      if (jwk['crv'] !== 'Ed25519') throw invalid('a curve that is not supported');
      return publicKeyFromSpki(concatBytes(ed25519SpkiHead, member(jwk, 'x', 32)));
    case 'RSA':
      return rsaPublicKey(member(jwk, 'n'), member(jwk, 'e'));
    default:
      throw invalid('a key type that is not supported');
  }
}

/** SubjectPublicKeyInfo of Ed25519 up to the key. [RFC8410 §4] */
const ed25519SpkiHead = decodeHex('302a300506032b6570032100');

function readCurve(name: JsonValue | undefined): EcCurve {
  if (name === 'P-256' || name === 'P-384' || name === 'P-521') return name;
  throw invalid('a curve that is not supported');
}

function member(jwk: JsonObject, name: string, size?: number): Uint8Array {
  const text = jwk[name];
  if (typeof text !== 'string' || text === '') throw invalid(`${name} is missing`);
  const bytes = decodeBase64url(text);
  if (size !== undefined && bytes.length !== size) throw invalid(`${name} has not the length of its curve`);
  return bytes;
}

function invalid(problem: string): MalformedError {
  return new MalformedError('CRYPTO_JWK_INVALID', problem);
}
