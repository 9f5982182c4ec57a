// Approval of a break-glass statement: signed as golden measurements are, by a quorum of distinct authorised operators. [DSSE]
import { parseDsseEnvelope, printable } from '../encoding/index.ts';
import { hashHex } from '../crypto/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { checkQuorum, countApprovals, type AuthorisedSigner, type CountedSignature } from '../golden/index.ts';
import { breakGlassPayloadType, type BreakGlass } from './break-glass.ts';
import { parseBreakGlass } from './parse-break-glass.ts';

/** A statement somebody sent: well formed, approved by nobody yet. */
export interface ClaimedBreakGlass {
  /** `sha256:` and the hex SHA-256 of the payload. */
  readonly id: string;
  readonly payload: Uint8Array;
  readonly untrustedStatement: BreakGlass;
  readonly signatures: readonly { readonly untrustedKeyid?: string; readonly sig: Uint8Array }[];
}

declare const approved: unique symbol;

/** Made by `verifyBreakGlass` only. */
export interface ApprovedBreakGlass {
  readonly [approved]: true;
  readonly id: string;
  readonly statement: BreakGlass;
  readonly signatures: readonly CountedSignature[];
}

/** @throws MalformedError BREAK_GLASS_ENVELOPE_TYPE, BREAK_GLASS_INVALID, and those of the envelope's encoding */
export function parseBreakGlassEnvelope(envelope: Uint8Array): ClaimedBreakGlass {
  const { payloadType, payload, signatures } = parseDsseEnvelope(envelope);
  if (payloadType !== breakGlassPayloadType) {
    throw new MalformedError('BREAK_GLASS_ENVELOPE_TYPE', `payload type ${printable(payloadType, 128)}`, {
      at: 'payloadType',
    });
  }
  return {
    id: breakGlassIdOf(payload),
    payload,
    untrustedStatement: parseBreakGlass(payload),
    signatures: signatures.map(({ keyid, sig }) => (keyid === undefined ? { sig } : { untrustedKeyid: keyid, sig })),
  };
}

/**
 * Approves what enough operators signed. It does not prove that the statement is in force, nor that it fits any host: see
 * `findObstacle`. Only signers for all layers count.
 *
 * @throws MalformedError as `parseBreakGlassEnvelope`
 * @throws VerificationError GOLDEN_QUORUM_INVALID, BREAK_GLASS_QUORUM_NOT_REACHED
 */
export function verifyBreakGlass(
  envelope: Uint8Array,
  { signers, quorum }: { readonly signers: readonly AuthorisedSigner[]; readonly quorum: number },
): ApprovedBreakGlass {
  checkQuorum(quorum);
  const { id, payload, untrustedStatement, signatures } = parseBreakGlassEnvelope(envelope);
  const counted = countApprovals({ payloadType: breakGlassPayloadType, payload, signatures }, signers);
  if (counted.length < quorum) {
    const message = `${counted.length} of ${quorum} required signers approved ${id}`;
    throw new VerificationError('BREAK_GLASS_QUORUM_NOT_REACHED', message);
  }
  return { id, statement: untrustedStatement, signatures: counted } as unknown as ApprovedBreakGlass;
}

export function breakGlassIdOf(payload: Uint8Array): string {
  return `sha256:${hashHex('sha256', payload)}`;
}
