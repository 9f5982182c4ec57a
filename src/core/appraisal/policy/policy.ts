// The appraisal policy: which layers and facts a group of hosts must satisfy, in which bank, and for how long a verdict
// holds. A policy names what it demands; what it does not name is not checked, and an empty one is refused.
import type { HashAlgorithm } from '../../crypto/index.ts';
import type { Layer } from '../../event-log/index.ts';
import type { PolicyCondition } from '../conditions/read-conditions.ts';
import type { RequiredFacts } from '../demands/required-facts.ts';

export interface AppraisalPolicy {
  readonly id: string;
  readonly version: number;
  readonly description?: string;
  /** At least one; each must match an active golden measurement. */
  readonly layers: readonly Layer[];
  /** The only bank that is appraised. SHA-1 is refused. */
  readonly bank: Exclude<HashAlgorithm, 'sha1'>;
  /** By name: see `facts.table.ts`. */
  readonly requireFacts: RequiredFacts;
  /** In CEL, over the facts of `condition-facts.table.ts`; read once, when the policy is. */
  readonly conditions: readonly PolicyCondition[];
  /** Whether the maker of the machine must have bound it to its TPM. What its certificate lists of parts is not checked. */
  readonly platformCertificate?: 'required';
  /** How long a verdict holds, in seconds. */
  readonly verdictSeconds: number;
}
