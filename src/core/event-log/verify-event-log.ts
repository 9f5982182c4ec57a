// The proof of a boot log: its replay against register values that a quote attests. [TCG-PFP §2.4]
import { VerificationError } from '../error.ts';
import type { AttestedPcrs } from '../tpm/index.ts';
import { checkMeasured } from './annotate-event-log.ts';
import { annotateEvents, describeCoverageQuirks } from './annotate.ts';
import type { ClaimedEventLog } from './claimed-log.ts';
import { compareBank, type BankComparison } from './compare-bank.ts';
import { explainUserspace } from './userspace/explain-userspace.ts';
import { banksByStrength } from './formats/hash-identifiers.table.ts';
import type { PcrStatus, ReplayedLog, ReplayFindings } from './replayed-log.ts';
import type { ClaimedUserspaceLog } from './userspace/userspace-log.ts';

/** Proves, for each PCR it calls `bound`:
 * 1. that the digests of the log, in their order within that PCR and in every attested bank the log carries whole, are
 *    exactly what was extended since the TPM started;
 * 2. for each event with `dataBound`, that its digests in those banks cover the bytes in `boundContent`.
 * Does not prove event types, descriptions, the order of events of different PCRs, or that anything measured is good.
 * `userspace`: what the running system says it measured after that. Only what the registers confirm is used.
 * PCRs that differ are not an error here: `pcrs` says so, and none of their events is in `events`.
 * @throws VerificationError EVENT_LOG_NO_MEASUREMENTS, EVENT_LOG_BANK_MISSING, EVENT_LOG_REGISTERS_FOREIGN */
export function verifyEventLog(
  claimed: ClaimedEventLog,
  pcrs: AttestedPcrs,
  userspace?: ClaimedUserspaceLog,
): ReplayedLog {
  checkMeasured(claimed);
  if (claimed.registers !== 'tpm') {
    throw new VerificationError('EVENT_LOG_REGISTERS_FOREIGN', 'the log is of the registers of a confidential guest');
  }
  const explained = userspace && explainUserspace(claimed, userspace, pcrs);
  const log = explained?.log ?? claimed;
  const banks = banksByStrength.filter((bank) => log.banks.includes(bank) && pcrs.banks.has(bank));
  const [strongest, ...weaker] = banks.map((bank) => compareBank(log, bank, pcrs.banks.get(bank) ?? new Map()));
  if (strongest === undefined) {
    const [logged, attested] = [log.banks.join(', ') || 'none whole', [...pcrs.banks.keys()].join(', ')];
    throw new VerificationError('EVENT_LOG_BANK_MISSING', `banks of the log: ${logged}; of the quote: ${attested}`);
  }
  const statuses = combineStatuses(strongest, weaker);
  const events = annotateEvents(log, strongest.bank, banks).filter(({ pcr }) => statuses.get(pcr) === 'bound');
  const findings: ReplayFindings = {
    bank: strongest.bank,
    registers: log.registers,
    pcrs: statuses,
    replayed: strongest.replayed,
    attested: strongest.attested,
    events,
    startupLocality: strongest.startupLocality,
    quirks: [...log.quirks, ...strongest.quirks, ...describeCoverageQuirks(events)],
    ...(explained ? { userspace: explained.outcome } : {}),
  };
  return findings as ReplayedLog;
}

/** A PCR is bound only where it is so in every bank that is compared: the banks of one record are not tied to each other. */
function combineStatuses(strongest: BankComparison, weaker: readonly BankComparison[]): ReadonlyMap<number, PcrStatus> {
  const combined = new Map(strongest.statuses);
  for (const { statuses } of weaker) {
    for (const [pcr, status] of combined) combined.set(pcr, worseStatus(status, statuses.get(pcr)));
  }
  return combined;
}

function worseStatus(status: PcrStatus, other: PcrStatus | undefined): PcrStatus {
  if (status === 'mismatch' || other === 'mismatch') return 'mismatch';
  return status === 'unlogged' || other === 'unlogged' ? 'unlogged' : 'bound';
}
