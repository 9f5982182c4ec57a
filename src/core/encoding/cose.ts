// COSE_Sign1: bytes under one signature, with a map of protected and a map of unprotected headers. [RFC9052 §4.2, §4.4]
import { MalformedError } from '../error.ts';
import { encodeCbor, isCborArray, isCborMap, parseCbor, Tagged } from './cbor.ts';
import type { CborMap, CborValue } from './cbor.ts';
import type { CborBounds } from './cbor-gate.ts';

export const coseSign1Tag = 18;

/** Header labels. [RFC9052 §3.1, RFC9596] */
export const coseHeaders = { alg: 1, crit: 2, contentType: 3, kid: 4, typ: 16 } as const;

/** A COSE_Sign1 that somebody sent. The protected headers are what was signed, and nothing is proven before it was. */
export interface ClaimedCoseSign1 {
  /** The protected headers exactly as sent: what the signature covers. */
  readonly protectedBytes: Uint8Array;
  readonly protectedHeaders: CborMap;
  /** Headers that no signature covers. */
  readonly untrustedHeaders: CborMap;
  /** Absent when the payload travels apart. */
  readonly payload: Uint8Array | undefined;
  readonly signature: Uint8Array;
}

/** Reads a COSE_Sign1, with or without its tag 18. The payload is not looked into.
 * @throws MalformedError ENCODING_COSE_INVALID and those of `parseCbor` */
export function parseCoseSign1(bytes: Uint8Array, bounds: CborBounds = {}): ClaimedCoseSign1 {
  const tags = new Set([...(bounds.tags ?? []), coseSign1Tag]);
  return readCoseSign1(parseCbor(bytes, { ...bounds, tags }), { ...bounds, tags });
}

/** The same for a value that was already read, where the structure lies inside another (CWT, CoRIM). */
export function readCoseSign1(value: CborValue, bounds: CborBounds = {}): ClaimedCoseSign1 {
  const parts = value instanceof Tagged && value.tag === coseSign1Tag ? value.value : value;
  if (!isCborArray(parts) || parts.length !== 4) throw invalid('not an array of four parts', '$');
  const [protectedBytes, untrustedHeaders, payload, signature] = parts;
  if (!(protectedBytes instanceof Uint8Array)) throw invalid('the protected headers are no byte string', '[0]');
  if (!isCborMap(untrustedHeaders)) throw invalid('the unprotected headers are no map', '[1]');
  if (payload !== null && !(payload instanceof Uint8Array)) throw invalid('the payload is no byte string', '[2]');
  if (!(signature instanceof Uint8Array)) throw invalid('the signature is no byte string', '[3]');
  const protectedHeaders = readProtectedHeaders(protectedBytes, bounds);
  for (const label of untrustedHeaders.keys()) {
    if (protectedHeaders.has(label)) throw invalid('a header stands in both maps', '[1]');
  }
  if (untrustedHeaders.has(coseHeaders.crit)) throw invalid('crit is not protected', '[1]');
  return { protectedBytes, protectedHeaders, untrustedHeaders, payload: payload ?? undefined, signature };
}

/** No headers are an empty byte string; an encoded empty map is read as well. [RFC9052 §3] */
function readProtectedHeaders(bytes: Uint8Array, bounds: CborBounds): CborMap {
  if (bytes.length === 0) return new Map();
  const headers = parseCbor(bytes, bounds);
  if (!isCborMap(headers)) throw invalid('the protected headers are no map', '[0]');
  return headers;
}

/** Sig_structure: the bytes that are signed. `externalAad` is what both sides know and the message does not carry. */
export function coseSigStructure(
  protectedBytes: Uint8Array,
  payload: Uint8Array,
  externalAad: Uint8Array = new Uint8Array(),
): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload]);
}

/** Headers as the byte string that is signed. */
export function encodeProtectedHeaders(headers: CborMap): Uint8Array {
  return headers.size === 0 ? new Uint8Array() : encodeCbor(headers);
}

/** With tag 18. `protectedHeaders` is not used: the bytes that were signed are sent. */
export function encodeCoseSign1(sign1: Omit<ClaimedCoseSign1, 'protectedHeaders'>): Uint8Array {
  return encodeCbor(coseSign1Value(sign1));
}

/** The same as a value, to be put into another. */
export function coseSign1Value(sign1: Omit<ClaimedCoseSign1, 'protectedHeaders'>): Tagged {
  const { protectedBytes, untrustedHeaders, payload, signature } = sign1;
  return new Tagged(coseSign1Tag, [protectedBytes, untrustedHeaders, payload ?? null, signature]);
}

function invalid(problem: string, at: string): MalformedError {
  return new MalformedError('ENCODING_COSE_INVALID', problem, { at });
}
