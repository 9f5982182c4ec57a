// Who signed a CoRIM. [CORIM §4.2] [RFC9052]
import { VerificationError } from '../error.ts';
import { parseCbor, type CborMap, type CborValue } from '../encoding/index.ts';
import { verifyCoseSign1, type VerificationKey } from '../crypto/index.ts';
import { readBytes, readInteger, readMap, readText } from './cbor-reader.ts';
import type { ClaimedCorim } from './claimed-corim.ts';
import { readValidity } from './parse-corim.ts';
import { corimBounds } from './tags.ts';

export interface CorimVerification {
  /** Keys of makers who are trusted with what the CoRIM is about. */
  readonly keys: readonly VerificationKey[];
  readonly at: Date;
}

export interface VerifiedSigner {
  /** The key that signed, by its name. */
  readonly kid: string;
  /** What the signer calls itself; the key says who it is. */
  readonly untrustedName: string | undefined;
}

const metaLabel = 8;
const maximumMeta = 65_536;
const claimsLabel = 15;
const contentTypeLabel = 3;
const contentTypes: readonly unknown[] = ['application/rim+cbor', 'application/corim-unsigned+cbor'];

/**
 * Proves that one of `keys` signed exactly this CoRIM, as a CoRIM, and that the signature holds at `at`. It does not prove
 * that what it says is good, nor that the signer may speak about it: that is what operators say by signing a golden
 * measurement.
 *
 * @throws VerificationError CORIM_UNSIGNED, CORIM_SIGNER_UNKNOWN, CORIM_OUTSIDE_VALIDITY
 * @throws MalformedError CORIM_INVALID
 */
export function verifyCorim({ signed }: ClaimedCorim, { keys, at }: CorimVerification): VerifiedSigner {
  if (signed === undefined) throw new VerificationError('CORIM_UNSIGNED', 'the CoRIM carries no signature');
  const { protectedHeaders } = signed;
  if (!contentTypes.includes(protectedHeaders.get(contentTypeLabel))) {
    throw new VerificationError('CORIM_SIGNER_UNKNOWN', 'what was signed is not called a CoRIM');
  }
  const signer = keys.find((key) => isSignedBy(key, signed));
  if (signer === undefined) {
    throw new VerificationError('CORIM_SIGNER_UNKNOWN', `none of ${keys.length} keys made the signature`);
  }
  const metas = readMetas(protectedHeaders);
  for (const meta of metas) checkWithin(meta, at, 'the signature');
  return { kid: signer.kid, untrustedName: metas[0]?.name };
}

/** @throws VerificationError CORIM_OUTSIDE_VALIDITY */
export function checkWithin(
  { notBefore, notAfter }: { readonly notBefore: Date | undefined; readonly notAfter: Date | undefined },
  at: Date,
  what: string,
): void {
  if (notAfter !== undefined && at >= notAfter) {
    throw new VerificationError('CORIM_OUTSIDE_VALIDITY', `${what} held until ${notAfter.toISOString()}`);
  }
  if (notBefore !== undefined && at < notBefore) {
    throw new VerificationError('CORIM_OUTSIDE_VALIDITY', `${what} holds from ${notBefore.toISOString()}`);
  }
}

function isSignedBy(key: VerificationKey, signed: NonNullable<ClaimedCorim['signed']>): boolean {
  try {
    verifyCoseSign1(signed, { key, understood: [metaLabel, claimsLabel] });
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

interface Meta {
  readonly name: string | undefined;
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
}

/** corim-meta and CWT claims, where they are present. Both are covered by the signature, and each says from when until when it holds. One
 * that cannot be read is a refusal: if it were ignored, the signature would hold for ever. */
function readMetas(headers: CborMap): readonly Meta[] {
  return [
    ...(headers.has(metaLabel) ? [readSigner(headers.get(metaLabel))] : []),
    ...(headers.has(claimsLabel) ? [readClaims(readMap(headers.get(claimsLabel), 'CWT claims'))] : []),
  ];
}

function readClaims(claims: CborMap): Meta {
  const issuer = claims.get(1);
  return {
    name: typeof issuer === 'string' ? issuer : undefined,
    notBefore: readDate(claims, 5, 'CWT claims.nbf'),
    notAfter: readDate(claims, 4, 'CWT claims.exp'),
  };
}

function readSigner(value: CborValue): Meta {
  const meta = readMap(parseCbor(readBytes(value, 'corim-meta', maximumMeta), corimBounds), 'corim-meta');
  const signer = readMap(meta.get(0), 'corim-meta.signer');
  return { name: readText(signer.get(0), 'corim-meta.signer.name'), ...readValidity(meta.get(1)) };
}

/** The end of the year 9999, so that it is a date everywhere. */
const latestSeconds = 253_402_300_799;

function readDate(claims: CborMap, label: number, at: string): Date | undefined {
  if (!claims.has(label)) return undefined;
  return new Date(readInteger(claims.get(label), at, 0, latestSeconds) * 1000);
}
