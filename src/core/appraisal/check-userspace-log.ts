import { parseUserspaceLog, type VerifyEventLogOptions } from '../event-log/index.ts';
import type { Finding } from '../verdict/index.ts';
import { createAttempt } from './attempt.ts';
import { createFinding } from './finding.ts';

const check = 'event-log';

export interface UserspaceReading {
  /** For `verifyEventLog`. Empty when there is no log, or none that can be read. */
  readonly options: VerifyEventLogOptions;
  readonly findings: readonly Finding[];
}

/**
 * Reads what the running system says it measured. A log that cannot be read is left aside: registers that only it could
 * explain stay unexplained, which refuses the host where the policy demands them, and nothing else is worse for it.
 */
export function checkUserspaceLog(bytes: Uint8Array | undefined): UserspaceReading {
  if (bytes === undefined) return { options: {}, findings: [] };
  const failures: Finding[] = [];
  const userspace = createAttempt(failures)(check, () => parseUserspaceLog(bytes));
  const findings = failures.map(({ code, message }) =>
    createFinding('LOG_USERSPACE_UNREADABLE', {
      check,
      observed: code,
      message: message.replace('The event log cannot be verified', 'The userspace log is left aside'),
    }),
  );
  return { options: userspace === undefined ? {} : { userspace }, findings };
}
