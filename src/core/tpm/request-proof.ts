// Who sent a request: the TPM that holds the attestation key says so, about this very request. A secret can be copied and a
// quote can be passed on; this can be neither, because it names what was asked, of whom, by whom and when. [TPM2-P3 §18.7]
import { decodeBase64url, encodeBase64url } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import type { ClockInfo } from './attest.ts';
import { bindToKey } from './qualifying-data.ts';
import { openStatement, type SignedStatement } from './statement.ts';

declare const verifiedTime: unique symbol;

/** A TPM2_GetTime statement by an attestation key. Made by `verifyTime` only. */
export interface VerifiedTime {
  readonly [verifiedTime]: true;
  readonly clock: ClockInfo;
}

export interface RequestContext {
  readonly serverId: string;
  readonly hostId: string;
  readonly akName: Uint8Array;
  readonly method: string;
  /** Path and query as they stand in the request. */
  readonly path: string;
  /** SHA-256 of the body; of nothing where there is none. */
  readonly bodyDigest: Uint8Array;
  /** Milliseconds since 1970; of a clock before that, with a minus sign. */
  readonly at: number;
}

/** What a host sends beside a request. Proves nothing until `verifyTime`. */
export interface RequestProof extends Pick<SignedStatement, 'attest' | 'signature'> {
  readonly at: number;
  readonly bodyDigest: Uint8Array;
}

/** Another label than a quote's: neither can stand for the other, whatever the type of the statement. */
const label = 'touchstone-request-v1';

/** SHA-256(label || 0 || serverId || 0 || hostId || 0 || method || 0 || path || 0 || at || 0 || akName || bodyDigest), where
 * `at` is decimal. Both sides compute it.
 * @throws MalformedError TPM_QUALIFYING_DATA_AMBIGUOUS */
export function requestQualifyingData(context: RequestContext): Uint8Array {
  const { serverId, hostId, method, path, at, akName, bodyDigest } = context;
  if (bodyDigest.length !== 32) {
    throw new MalformedError('TPM_QUALIFYING_DATA_AMBIGUOUS', `the digest of the body has ${bodyDigest.length} bytes`);
  }
  return bindToKey([label, serverId, hostId, method, path, String(at)], akName, bodyDigest);
}

/** Proves: the TPM that holds the attestation key was running, and was asked to say so for `qualifyingData`. Says nothing of
 * what it booted.
 * @throws VerificationError TPM_SIGNATURE_*, TPM_ATTEST_*, TPM_QUALIFYING_DATA_*
 * @throws MalformedError as parseSignature and parseAttest */
export function verifyTime(input: SignedStatement): VerifiedTime {
  const { clock } = openStatement(input, 'time');
  return { clock } as VerifiedTime;
}

/** A machine without a battery may start before 1970: it is told the time as whoever else has the wrong one. */
const pattern = /^1\.(0|-?[1-9]\d{0,15})\.([\w-]{43})\.([\w-]{1,2000})\.([\w-]{1,2000})$/;

/** The header `touchstone-proof`: version, time, digest of the body, TPMS_ATTEST and TPMT_SIGNATURE. */
export function encodeRequestProof({ at, bodyDigest, attest, signature }: RequestProof): string {
  return ['1', String(at), ...[bodyDigest, attest, signature].map(encodeBase64url)].join('.');
}

/** @throws MalformedError TPM_REQUEST_PROOF_MALFORMED, ENCODING_BASE64_INVALID */
export function parseRequestProof(text: string): RequestProof {
  const [, at, bodyDigest, attest, signature] = pattern.exec(text) ?? [];
  if (bodyDigest === undefined || attest === undefined || signature === undefined) {
    throw new MalformedError('TPM_REQUEST_PROOF_MALFORMED', 'not of the form 1.TIME.BODY.ATTEST.SIGNATURE');
  }
  return {
    at: Number(at),
    bodyDigest: decodeBase64url(bodyDigest),
    attest: decodeBase64url(attest),
    signature: decodeBase64url(signature),
  };
}
