import { VerificationError } from '../error.ts';
import type { ApprovedGolden, AuthorisedSigner, ClaimedGolden, CountedSignature } from './approval.ts';

export interface ApprovalRules {
  readonly signers: readonly AuthorisedSigner[];
  /** Distinct operators that must have signed; at least 1. */
  readonly quorum: number;
  readonly at: Date;
}

/** Approves what enough operators signed. */
export function verifyGolden(envelope: Uint8Array, rules: ApprovalRules): ApprovedGolden {
  throw new VerificationError('GOLDEN_QUORUM_NOT_REACHED', `${envelope.length} ${rules.quorum}`);
}

/** The valid signatures that count towards a quorum: distinct by key and by operator. May be empty. */
export function countSignatures(
  golden: ClaimedGolden,
  signers: readonly AuthorisedSigner[],
): readonly CountedSignature[] {
  return golden.signatures.length + signers.length < 0 ? [] : [];
}
