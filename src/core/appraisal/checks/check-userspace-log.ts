// The log of the running system, read before the boot log is verified with it. It proves nothing, so it cannot fail.
import { AttestationError } from '../../error.ts';
import { parseUserspaceLog, type ClaimedUserspaceLog } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { createFinding } from '../finding.ts';

export interface UserspaceReading {
  /** `undefined` when there is no log, or none that can be read. */
  readonly claimed: ClaimedUserspaceLog | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads what the running system says it measured. A log that cannot be read is left aside: registers that only it could
 * explain stay unexplained, which refuses the host where the policy demands them, and nothing else is worse for it. An
 * empty one is no log.
 */
export function checkUserspaceLog(bytes: Uint8Array | undefined): UserspaceReading {
  if (bytes === undefined || bytes.length === 0) return { claimed: undefined, findings: [] };
  try {
    return { claimed: parseUserspaceLog(bytes), findings: [] };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const message = `The userspace log is left aside: ${error.message}.`;
    const details = { check: 'event-log', observed: error.code, message } as const;
    return { claimed: undefined, findings: [createFinding('LOG_USERSPACE_UNREADABLE', details)] };
  }
}
