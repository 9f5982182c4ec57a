// The appraisal policy: which layers and facts a group of hosts must satisfy, in which bank, and for how long a verdict
// holds. A policy names what it demands; what it does not name is not checked, and an empty one is refused.
import type { HashAlgorithm } from '../crypto/index.ts';
import type { Layer } from '../event-log/index.ts';

/** Facts of the boot a policy may demand. Each is read from bound events only. */
export interface RequiredFacts {
  readonly secureBoot?: 'enabled';
  /** Words of the kernel command line that must, and must not, be there. */
  readonly kernelCommandLine?: { readonly require: readonly string[]; readonly forbid: readonly string[] };
}

export interface AppraisalPolicy {
  readonly id: string;
  readonly version: number;
  readonly description?: string;
  /** At least one; each must match an active golden measurement. */
  readonly layers: readonly Layer[];
  /** The only bank that is appraised. SHA-1 is refused. */
  readonly bank: Exclude<HashAlgorithm, 'sha1'>;
  readonly requireFacts: RequiredFacts;
  /** How long a verdict holds, in seconds. */
  readonly verdictSeconds: number;
}
