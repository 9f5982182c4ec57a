// Dead Simple Signing Envelope: bytes, what kind of bytes they are, and signatures over both. [DSSE]
import { MalformedError } from '../error.ts';
import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from './bytes.ts';
import { canonicalJson, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './canonical-json.ts';
import { parseJsonStrict } from './parse-json.ts';

/** An envelope somebody sent. Nothing in it is proven, the key ids least of all. */
export interface ClaimedEnvelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** A hint which key made the signature. Unauthenticated. */
  readonly keyid?: string;
  readonly sig: Uint8Array;
}

/** More signatures than any quorum, fewer than a way to keep a verifier busy. */
export const maximumEnvelopeSignatures = 64;

/** What is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, lengths in bytes as decimal text. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  const head = concatBytes(encodeUtf8(`DSSEv1 ${type.length} `), type, encodeUtf8(` ${payload.length} `));
  return concatBytes(head, payload);
}

/** Reads the JSON form. The payload is decoded once and never parsed here: signatures are checked over these very bytes.
 * Unknown members are ignored, as the specification asks.
 * @throws MalformedError ENCODING_DSSE_INVALID, ENCODING_BASE64_INVALID and those of `parseJsonStrict` */
export function parseDsseEnvelope(bytes: Uint8Array): ClaimedEnvelope {
  const value = parseJsonStrict(bytes, { maxDepth: 8 });
  if (!isJsonObject(value)) throw invalid('not an object', '$');
  const signatures = value['signatures'];
  if (signatures === undefined || !isJsonArray(signatures)) throw invalid('no list of signatures', 'signatures');
  if (signatures.length === 0 || signatures.length > maximumEnvelopeSignatures) {
    throw invalid(`1 to ${maximumEnvelopeSignatures} signatures expected`, 'signatures');
  }
  return {
    payloadType: textOf(value, 'payloadType', 'payloadType'),
    payload: decodeEitherBase64(textOf(value, 'payload', 'payload')),
    signatures: signatures.map(parseSignature),
  };
}

/** The JSON form, canonical, so that equal envelopes are equal bytes. */
export function encodeDsseEnvelope(envelope: ClaimedEnvelope): Uint8Array {
  return canonicalJson({
    payloadType: envelope.payloadType,
    payload: encodeBase64(envelope.payload),
    signatures: envelope.signatures.map(({ keyid, sig }) => ({
      ...(keyid === undefined ? {} : { keyid }),
      sig: encodeBase64(sig),
    })),
  });
}

function parseSignature(value: JsonValue, index: number): EnvelopeSignature {
  const at = `signatures[${index}]`;
  if (!isJsonObject(value)) throw invalid('not an object', at);
  const sig = decodeEitherBase64(textOf(value, 'sig', `${at}.sig`));
  const keyid = value['keyid'] ?? '';
  if (typeof keyid !== 'string') throw invalid('keyid is not text', `${at}.keyid`);
  return keyid === '' ? { sig } : { keyid, sig };
}

function textOf(object: JsonObject, key: string, at: string): string {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  if (typeof value !== 'string' || value === '') throw invalid(`${key} is missing, empty or not text`, at);
  return value;
}

/** The specification lets producers choose the standard or the URL-safe alphabet. */
export function decodeEitherBase64(text: string): Uint8Array {
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

function invalid(problem: string, at: string): MalformedError {
  return new MalformedError('ENCODING_DSSE_INVALID', problem, { at });
}
