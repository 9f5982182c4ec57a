// Approval of a deny list: signed as golden measurements are, by a quorum of distinct authorised operators. [DSSE]
import { parseDsseEnvelope, printable } from '../encoding/index.ts';
import { hashHex } from '../crypto/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { checkQuorum, countApprovals, type AuthorisedSigner, type CountedSignature } from '../golden/index.ts';
import { denyPayloadType, type DenyList } from './deny-list.ts';
import { parseDenyList } from './parse-deny-list.ts';

/** A list somebody sent: well formed, approved by nobody yet. */
export interface ClaimedDenyList {
  /** `sha256:` and the hex SHA-256 of the payload. */
  readonly id: string;
  readonly payload: Uint8Array;
  readonly untrustedList: DenyList;
  readonly signatures: readonly { readonly untrustedKeyid?: string; readonly sig: Uint8Array }[];
}

declare const approved: unique symbol;

/** Made by `verifyDenyList` only. */
export interface ApprovedDenyList {
  readonly [approved]: true;
  readonly id: string;
  readonly payload: Uint8Array;
  readonly list: DenyList;
  readonly signatures: readonly CountedSignature[];
}

/** @throws MalformedError DENY_LIST_ENVELOPE_TYPE, DENY_LIST_INVALID, and those of the envelope's encoding */
export function parseDenyEnvelope(envelope: Uint8Array): ClaimedDenyList {
  const { payloadType, payload, signatures } = parseDsseEnvelope(envelope);
  if (payloadType !== denyPayloadType) {
    throw new MalformedError('DENY_LIST_ENVELOPE_TYPE', `payload type ${printable(payloadType, 128)}`, {
      at: 'payloadType',
    });
  }
  return {
    id: denyListIdOf(payload),
    payload,
    untrustedList: parseDenyList(payload),
    signatures: signatures.map(({ keyid, sig }) => (keyid === undefined ? { sig } : { untrustedKeyid: keyid, sig })),
  };
}

/**
 * Approves what enough operators signed. Only signers for all layers count: a list may deny any of them.
 *
 * @throws MalformedError as `parseDenyEnvelope`
 * @throws VerificationError GOLDEN_QUORUM_INVALID, DENY_LIST_QUORUM_NOT_REACHED
 */
export function verifyDenyList(
  envelope: Uint8Array,
  { signers, quorum }: { readonly signers: readonly AuthorisedSigner[]; readonly quorum: number },
): ApprovedDenyList {
  checkQuorum(quorum);
  const { id, payload, untrustedList, signatures } = parseDenyEnvelope(envelope);
  const counted = countApprovals({ payloadType: denyPayloadType, payload, signatures }, signers);
  if (counted.length < quorum) {
    const message = `${counted.length} of ${quorum} required signers approved ${id}`;
    throw new VerificationError('DENY_LIST_QUORUM_NOT_REACHED', message);
  }
  return { id, payload, list: untrustedList, signatures: counted } as unknown as ApprovedDenyList;
}

export function denyListIdOf(payload: Uint8Array): string {
  return `sha256:${hashHex('sha256', payload)}`;
}
