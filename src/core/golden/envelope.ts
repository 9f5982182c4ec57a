// Documents that operators sign together, golden measurements and others: opened, and held against a quorum. [DSSE]
import { parseDsseEnvelope, printable } from '../encoding/index.ts';
import type { ErrorCode } from '../error-codes.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { hashHex } from '../crypto/index.ts';
import type { CountedSignature } from './approval.ts';

/** A signature as it lies in the envelope. `untrustedKeyid` is a hint and decides nothing. */
export interface ClaimedSignature {
  readonly untrustedKeyid?: string;
  readonly sig: Uint8Array;
}

/** What an envelope holds. Proves nothing about who signed it. */
export interface SignedDocument {
  /** See `documentIdOf`. */
  readonly id: string;
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly ClaimedSignature[];
}

/** @throws MalformedError `code` where the payload is of another type, and those of the envelope's encoding */
export function openEnvelope(envelope: Uint8Array, payloadType: string, code: ErrorCode): SignedDocument {
  const { payloadType: claimed, payload, signatures } = parseDsseEnvelope(envelope);
  if (claimed !== payloadType) {
    throw new MalformedError(code, `payload type ${printable(claimed, 128)}`, { at: 'payloadType' });
  }
  return {
    id: documentIdOf(payload),
    payloadType,
    payload,
    signatures: signatures.map(({ keyid, sig }) => (keyid === undefined ? { sig } : { untrustedKeyid: keyid, sig })),
  };
}

/** `sha256:` and the hex SHA-256 of the payload: the name of what operators sign, everywhere. The signatures are not part of it. */
export function documentIdOf(payload: Uint8Array): string {
  return `sha256:${hashHex('sha256', payload)}`;
}

/** `counted`: one for each operator. `what`: the document, for the message.
 * @throws VerificationError GOLDEN_QUORUM_INVALID, and `code` where fewer signed than the quorum demands */
export function requireQuorum(
  counted: readonly CountedSignature[],
  quorum: number,
  { code, what }: { readonly code: ErrorCode; readonly what: string },
): void {
  if (!Number.isSafeInteger(quorum) || quorum < 1) {
    throw new VerificationError('GOLDEN_QUORUM_INVALID', `a quorum of ${quorum} approves nothing`);
  }
  if (counted.length >= quorum) return;
  throw new VerificationError(code, `${counted.length} of ${quorum} required signers approved ${what}`);
}
