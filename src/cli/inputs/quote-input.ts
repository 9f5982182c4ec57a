// Quotes, signatures and keys as files carry them: the formats of tpm2-tools, and of whoever exported them with OpenSSL.
import { decodeUtf8 } from '../../core/encoding/index.ts';
import { publicKeyFromPem, publicKeyFromSpki, type PublicKey } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  encodeSignature,
  parseAnyPublic,
  parseAttest,
  parseSignature,
  unwrapTpm2bAttest,
  type AttestationScheme,
  type SignatureEncoding,
  type TpmPublic,
} from '../../core/tpm/index.ts';
import { CliError } from '../errors.ts';

/** A key with its TPM attributes, or a bare key that could be anybody's. */
export type PublicInput =
  | { readonly kind: 'tpm'; readonly bytes: Uint8Array; readonly area: TpmPublic }
  | { readonly kind: 'bare'; readonly key: PublicKey };

/** TPMS_ATTEST, bare or in a TPM2B. */
export function readAttest(bytes: Uint8Array): Uint8Array {
  const attest = unwrapTpm2bAttest(bytes);
  // What is no statement at all is told of the file, before anything is proved with it.
  parseAttest(attest);
  return attest;
}

/** TPM2B_PUBLIC, TPMT_PUBLIC, or a public key in PEM or DER (SubjectPublicKeyInfo).
 * @throws CliError CLI_INPUT_UNRECOGNISED */
export function readPublic(bytes: Uint8Array): PublicInput {
  if (bytes[0] === 0x2d) return { kind: 'bare', key: publicKeyFromPem(decodeUtf8(bytes)) };
  if (bytes[0] === 0x30) return { kind: 'bare', key: publicKeyFromSpki(bytes) };
  return { kind: 'tpm', bytes, area: parseAnyPublic(bytes) };
}

/** How a signature file is written, told by its bytes: TPMT_SIGNATURE, DER of r and s, or bare RSA.
 * @throws CliError CLI_INPUT_UNRECOGNISED */
export function signatureEncodingOf(signature: Uint8Array, key: PublicKey): SignatureEncoding {
  if (isTpmSignature(signature)) return { kind: 'tpmt' };
  if (key.type === 'ec' && signature[0] === 0x30) return { kind: 'der-ecdsa', hash: 'sha256' };
  if (key.type === 'rsa' && signature.length === key.bits / 8) return { kind: 'raw-rsassa', hash: 'sha256' };
  const problem = `the signature is neither a TPMT_SIGNATURE nor plain ${key.type} bytes: tpm2_quote writes one with \`-f tss\``;
  throw new CliError('CLI_INPUT_UNRECOGNISED', problem);
}

/** The signature as TPMT_SIGNATURE. A plain one names no scheme: the key's own is taken. */
export function toTpmSignature(signature: Uint8Array, key: PublicKey, scheme: AttestationScheme): Uint8Array {
  if (signatureEncodingOf(signature, key).kind === 'tpmt') return signature;
  const { hash } = scheme;
  if (scheme.kind !== 'ecdsa') return encodeSignature({ kind: scheme.kind, hash, signature });
  return encodeSignature({ kind: 'ecdsa', hash, ...splitDerPair(signature) });
}

function isTpmSignature(signature: Uint8Array): boolean {
  try {
    parseSignature(signature);
    return true;
  } catch (error) {
    if (error instanceof AttestationError) return false;
    throw error;
  }
}

/** SEQUENCE { INTEGER r, INTEGER s } of short lengths. Values that are wrong only make the signature invalid. */
function splitDerPair(der: Uint8Array): { r: Uint8Array; s: Uint8Array } {
  const start = der[1] === 0x81 ? 3 : 2;
  const rLength = der[start + 1] ?? 0;
  const sStart = start + 2 + rLength;
  const sLength = der[sStart + 1] ?? 0;
  const r = stripZeros(der.subarray(start + 2, sStart));
  const s = stripZeros(der.subarray(sStart + 2, sStart + 2 + sLength));
  return { r, s };
}

function stripZeros(integer: Uint8Array): Uint8Array {
  const first = integer.findIndex((byte) => byte !== 0);
  return first === -1 ? integer.subarray(0, 0) : integer.subarray(first);
}
