// JWS in compact form, signed and opened. [RFC7515 §7.1] [RFC8725]
import { compactVerify } from 'jose';
import { AttestationError, MalformedError, VerificationError } from '../error.ts';
import {
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
} from '../encoding/index.ts';
import { createSignature, type SigningKey, type VerificationKey } from '../crypto/index.ts';

/** A trusted key. Without `kid` it is the only one, and opens a token whatever key that names. */
export type TokenKey = Pick<VerificationKey, 'alg' | 'publicKey'> & { readonly kid?: string };

export interface OpenedJws {
  readonly payload: Uint8Array;
  readonly key: TokenKey;
  readonly header: JsonObject;
}

const maximumTokenLength = 1 << 20;

/** A JWS over `payload`. `claims` are further header parameters. It is signed in this thread, since to hand a signature to another thread
 * costs more than to make it; it is a promise all the same, for keys that answer later (an HSM).
 * @throws TypeError when the key does not fit its algorithm */
export function signCompact(
  payload: Uint8Array,
  key: SigningKey,
  typ: string,
  claims: JsonObject = {},
): Promise<string> {
  const header = { alg: key.alg, kid: key.kid, typ, ...claims };
  const signed = `${encodeBase64url(encodeUtf8(JSON.stringify(header)))}.${encodeBase64url(payload)}`;
  return Promise.resolve(`${signed}.${encodeBase64url(createSignature(key, encodeUtf8(signed)))}`);
}

/**
 * Proves that one of `keys` signed the payload:
 * 1. the token is three canonical base64url parts, its header JSON with one reading;
 * 2. its type, where it has one, is among `types` (lower case, without `application/`);
 * 3. it demands no extension (`crit`);
 * 4. its key is the trusted one it names, and its algorithm the one that key is for: never `none`, never a MAC;
 * 5. the signature is valid.
 * A key inside the token or behind an address in it (`jwk`, `x5c`, `jku`, `x5u`) is never looked at. The payload is not
 * read here.
 * @throws MalformedError VERDICT_TOKEN_MALFORMED
 * @throws VerificationError VERDICT_KEYS_EMPTY, VERDICT_TOKEN_TYPE, _CRITICAL, _ALGORITHM, _KEY_UNKNOWN, _SIGNATURE
 */
export async function openCompact(
  token: string,
  keys: readonly TokenKey[],
  types: readonly (string | undefined)[],
): Promise<OpenedJws> {
  if (keys.length === 0) throw new VerificationError('VERDICT_KEYS_EMPTY', 'no trusted key');
  const header = readHeader(token);
  if (!types.includes(typeOf(header))) throw new VerificationError('VERDICT_TOKEN_TYPE', 'a token of another kind');
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw new VerificationError('VERDICT_TOKEN_CRITICAL', 'the token demands an extension');
  }
  const key = selectKey(header['kid'], keys);
  const alg = header['alg'] === 'Ed25519' ? 'EdDSA' : header['alg'];
  if (alg !== key.alg) throw new VerificationError('VERDICT_TOKEN_ALGORITHM', `the key is for ${key.alg} only`);
  try {
    // The second name of EdDSA is RFC 9864's, for the same algorithm.
    const algorithms = key.alg === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [key.alg];
    const { payload } = await compactVerify(token, key.publicKey.handle, { algorithms });
    return { payload: Uint8Array.from(payload), key, header };
  } catch (cause) {
    throw new VerificationError('VERDICT_TOKEN_SIGNATURE', 'the signature is not valid', { cause });
  }
}

/** The key that `kid` names, or the only one. `kid` chooses among trusted keys and adds none. */
export function selectKey(kid: unknown, keys: readonly TokenKey[]): TokenKey {
  const [only, second] = keys;
  if (only !== undefined && second === undefined && (kid === undefined || only.kid === undefined)) return only;
  const named = typeof kid === 'string' ? keys.filter((key) => key.kid === kid) : [];
  const [key, twin] = named;
  if (key === undefined || twin !== undefined) {
    throw new VerificationError('VERDICT_TOKEN_KEY_UNKNOWN', 'the token names no trusted key');
  }
  return key;
}

function readHeader(token: string): JsonObject {
  const parts = token.length > maximumTokenLength ? [] : token.split('.', 4);
  const [header] = parts;
  if (header === undefined || parts.length !== 3 || parts.includes('')) throw malformed();
  try {
    const [bytes] = parts.map(decodeBase64url);
    const value = parseJsonStrict(bytes ?? new Uint8Array(), { maxDepth: 8 });
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw malformed(cause);
  }
  throw malformed();
}

function typeOf(header: JsonObject): string | undefined {
  const typ = header['typ'];
  if (typ === undefined) return undefined;
  // A `typ` that is no text: the empty type, which no list of types has.
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
}

function malformed(cause?: unknown): MalformedError {
  return new MalformedError('VERDICT_TOKEN_MALFORMED', 'not a signed token in compact form', { cause });
}
