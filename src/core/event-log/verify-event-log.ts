import { VerificationError } from '../error.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import type { AttestedPcrs } from '../tpm/index.ts';
import type { ClaimedEventLog } from './claimed-log.ts';
import type { AnnotatedLog, ReplayedLog } from './replayed-log.ts';

/** Replay against attested registers. [TCG-PFP §2.4] */
export function verifyEventLog(log: ClaimedEventLog, pcrs: AttestedPcrs): ReplayedLog {
  throw new VerificationError('EVENT_LOG_BANK_MISSING', `${log.format} ${pcrs.banks.size}`);
}

/** The log read without any attested value to hold it against: for `inspect` only. The strongest whole bank unless told. */
export function annotateEventLog(log: ClaimedEventLog, bank?: HashAlgorithm): AnnotatedLog {
  throw new VerificationError('EVENT_LOG_BANK_MISSING', `${log.format} ${bank ?? ''}`);
}
