// Approval of a break-glass statement: signed as golden measurements are, by a quorum of distinct authorised operators. [DSSE]
import {
  openEnvelope,
  requireApprovals,
  type ApprovalRules,
  type CountedSignature,
  type SignedDocument,
} from '../golden/index.ts';
import { breakGlassPayloadType, type BreakGlass } from './break-glass.ts';
import { parseBreakGlass } from './parse-break-glass.ts';

/** A statement somebody sent: well formed, approved by nobody yet. */
export interface ClaimedBreakGlass extends SignedDocument {
  readonly untrustedStatement: BreakGlass;
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
  const document = openEnvelope(envelope, breakGlassPayloadType, 'BREAK_GLASS_ENVELOPE_TYPE');
  return { ...document, untrustedStatement: parseBreakGlass(document.payload) };
}

/**
 * Approves what enough operators signed. It does not prove that the statement is in force, nor that it fits any host: see
 * `findObstacle`. Only signers for all layers count.
 *
 * @throws MalformedError as `parseBreakGlassEnvelope`
 * @throws VerificationError GOLDEN_QUORUM_INVALID, BREAK_GLASS_QUORUM_NOT_REACHED
 */
export function verifyBreakGlass(envelope: Uint8Array, rules: Omit<ApprovalRules, 'at'>): ApprovedBreakGlass {
  const claimed = parseBreakGlassEnvelope(envelope);
  const { id, untrustedStatement: statement } = claimed;
  const signatures = requireApprovals(claimed, rules, { code: 'BREAK_GLASS_QUORUM_NOT_REACHED', what: id });
  return { id, statement, signatures } as unknown as ApprovedBreakGlass;
}
