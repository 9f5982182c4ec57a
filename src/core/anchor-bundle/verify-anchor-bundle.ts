// Approval of a bundle: the rules of golden measurements, by signers who may sign for every layer.
import { VerificationError } from '../error.ts';
import { requireApprovals, type ApprovalRules, type CountedSignature } from '../golden/index.ts';
import type { AnchorBundle } from './anchor-bundle.ts';
import { parseAnchorBundle } from './parse-anchor-bundle.ts';

declare const approved: unique symbol;

/** A bundle that a quorum of distinct operators signed. Made by `verifyAnchorBundle` only. */
export interface ApprovedAnchorBundle {
  readonly [approved]: true;
  readonly bundle: AnchorBundle;
  readonly signatures: readonly CountedSignature[];
}

/**
 * It proves that the bundle is well formed, that each certificate in it is the one its digest says, and that at least `quorum`
 * distinct operators signed these bytes. It does not prove that the roots are good, nor that the bundle is the newest.
 *
 * @throws MalformedError the codes of `parseAnchorBundle`
 * @throws VerificationError ANCHOR_BUNDLE_QUORUM_NOT_REACHED, GOLDEN_QUORUM_INVALID, GOLDEN_SIGNERS_EMPTY
 */
export function verifyAnchorBundle(envelope: Uint8Array, rules: Omit<ApprovalRules, 'at'>): ApprovedAnchorBundle {
  if (rules.signers.length === 0)
    throw new VerificationError('GOLDEN_SIGNERS_EMPTY', 'no authorised signer is configured');
  const claimed = parseAnchorBundle(envelope);
  const signatures = requireApprovals(claimed, rules, {
    code: 'ANCHOR_BUNDLE_QUORUM_NOT_REACHED',
    what: 'the bundle',
  });
  return { bundle: claimed.untrustedBundle, signatures } as unknown as ApprovedAnchorBundle;
}
