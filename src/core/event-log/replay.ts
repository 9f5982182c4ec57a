import { VerificationError } from '../error.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { ClaimedEventLog } from './claimed-log.ts';

/** Register values that the log's digests lead to in one bank: unproven. Only registers that the log extends. */
export function replayEventLog(log: ClaimedEventLog, bank: HashAlgorithm): PcrValues {
  throw new VerificationError('EVENT_LOG_BANK_MISSING', `${log.format} ${bank}`);
}
