// A log read without any attested value to hold it against: for inspection, and for comparing two logs.
import type { HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import { annotateEvents, describeCoverageQuirks } from './annotate.ts';
import type { ClaimedEventLog } from './claimed-log.ts';
import { banksByStrength } from './formats/hash-identifiers.table.ts';
import { isExtended } from './formats/parse-event-log.ts';
import { replayEventLog } from './replay.ts';
import type { AnnotatedLog } from './replayed-log.ts';

/** Proves nothing about any machine; coverage of data is recomputed all the same. The strongest whole bank unless told.
 * @throws VerificationError EVENT_LOG_NO_MEASUREMENTS, EVENT_LOG_BANK_MISSING */
export function annotateEventLog(log: ClaimedEventLog, bank?: HashAlgorithm): AnnotatedLog {
  checkMeasured(log);
  const chosen = bank ?? banksByStrength.find((each) => log.banks.includes(each)) ?? log.announcedBanks.at(-1);
  if (chosen === undefined || !log.announcedBanks.includes(chosen)) {
    const known = log.announcedBanks.join(', ') || 'no bank that is known';
    throw new VerificationError('EVENT_LOG_BANK_MISSING', `the log has ${known}`);
  }
  const events = annotateEvents(log, chosen, log.banks.includes(chosen) ? log.banks : [chosen]);
  return {
    bank: chosen,
    registers: log.registers,
    events,
    replayed: replayEventLog(log, chosen),
    startupLocality: log.startupLocality,
    quirks: [...log.quirks, ...describeCoverageQuirks(events)],
  };
}

/** Nothing to verify is a refusal. [PEERS T34]
 * @throws VerificationError EVENT_LOG_NO_MEASUREMENTS */
export function checkMeasured(log: ClaimedEventLog): void {
  if (!log.events.some(isExtended)) {
    throw new VerificationError(
      'EVENT_LOG_NO_MEASUREMENTS',
      `none of the ${log.events.length} records extends a register`,
    );
  }
}
