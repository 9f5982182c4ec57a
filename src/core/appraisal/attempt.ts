// The only place where a failed proof becomes a finding. (A userspace log proves nothing: see check-userspace-log.)
import { AttestationError } from '../error.ts';
import type { Finding } from '../verdict/index.ts';
import { findingOfError, type CheckName } from './finding.ts';

/** Runs one proof: its result, or `undefined` and a finding. */
export type Attempt = <T>(check: CheckName, prove: () => T) => T | undefined;

/**
 * Failures with a code end up in `failures`. Anything else that is thrown is a defect of this program and passes
 * through: then there is no verdict, and so no trusted host. [PEERS T7]
 */
export function createAttempt(failures: Finding[]): Attempt {
  return (check, prove) => {
    try {
      return prove();
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      failures.push(findingOfError(check, error));
      return undefined;
    }
  };
}
