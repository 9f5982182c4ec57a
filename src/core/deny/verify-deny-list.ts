// Approval of a deny list: signed as golden measurements are, by a quorum of distinct authorised operators. [DSSE]
import { createReading, type Pieces } from '../encoding/index.ts';
import {
  openEnvelope,
  requireApprovals,
  type ApprovalRules,
  type CountedSignature,
  type SignedDocument,
} from '../golden/index.ts';
import { denyPayloadType, type DenyList } from './deny-list.ts';
import { readDenyList } from './parse-deny-list.ts';

/** A list somebody sent: well formed, approved by nobody yet. */
export interface ClaimedDenyList extends SignedDocument {
  readonly untrustedList: DenyList;
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
  return reading.read(envelope);
}

/** Reads a long list in pieces. `parseDenyEnvelope` or `verifyDenyList` then says at once what it would have said. */
export function readDenyEnvelopeAhead(envelope: Uint8Array, pause: () => Promise<void>): Promise<void> {
  return reading.ahead(envelope, pause);
}

const reading = createReading(function* (envelope): Pieces<ClaimedDenyList> {
  const document = openEnvelope(envelope, denyPayloadType, 'DENY_LIST_ENVELOPE_TYPE');
  yield;
  return { ...document, untrustedList: yield* readDenyList(document.payload) };
});

/**
 * Approves what enough operators signed. Only signers for all layers count: a list may deny any of them.
 *
 * @throws MalformedError as `parseDenyEnvelope`
 * @throws VerificationError GOLDEN_QUORUM_INVALID, DENY_LIST_QUORUM_NOT_REACHED
 */
export function verifyDenyList(envelope: Uint8Array, rules: Omit<ApprovalRules, 'at'>): ApprovedDenyList {
  const claimed = parseDenyEnvelope(envelope);
  const { id, payload, untrustedList: list } = claimed;
  const signatures = requireApprovals(claimed, rules, { code: 'DENY_LIST_QUORUM_NOT_REACHED', what: id });
  return { id, payload, list, signatures } as unknown as ApprovedDenyList;
}
