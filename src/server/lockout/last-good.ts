// Which verdicts may be held at all: those where the host is proved to be what it was, and only what operators say of it changed.
// Everything here is an allow-list: what is not known to be harmless is never held. docs/decisions/0019.
import type { FindingCode } from '../../core/appraisal/index.ts';
import { goldensOf, type Verdict } from '../../core/verdict/index.ts';
import type { VerdictRecord } from '../storage/index.ts';

/** An unchanged boot that matches no golden measurement any more, or not what a newer policy demands of it. Of layer runtime nothing is:
 * where no golden measurement says what may run, nobody has looked at what did. */
const operatorsWord: ReadonlySet<string> = new Set<FindingCode>([
  'LAYER_GOLDEN_NONE',
  'LAYER_GOLDEN_NOT_VALID',
  'LAYER_GOLDEN_BANK_MISSING',
  'FIRMWARE_DIVERGED',
  'SECURE_BOOT_DIVERGED',
  'BOOT_LOADER_DIVERGED',
  'KERNEL_DIVERGED',
  'KERNEL_COMMAND_LINE_DIVERGED',
  'INITRD_DIVERGED',
  'FACT_REFUSED',
  'FACT_CONDITION_REFUSED',
  'FACT_COMMAND_LINE_WORD_MISSING',
  'FACT_COMMAND_LINE_WORD_FORBIDDEN',
]);

/** A refusal that may be the operators' own doing: a fresh, valid quote of the same boot, and no finding beside those. */
export function isHoldable(verdict: Verdict): boolean {
  return verdict.boot?.epoch === 'same-boot' && isOperatorsDoing(verdict);
}

/** The same of a change that nobody made yet: two appraisals of one quote. What rests on `revoked` is never held. */
export function isHoldableLoss(before: Verdict, after: Verdict, revoked: ReadonlySet<string>): boolean {
  return (
    isTrusted(before.status) &&
    errorsOf(before.findings).length === 0 &&
    isOperatorsDoing(after) &&
    !goldensOf(before).some((id) => revoked.has(id))
  );
}

function isOperatorsDoing({ status, findings }: Verdict): boolean {
  const errors = errorsOf(findings);
  return (
    !isTrusted(status) &&
    errors.length > 0 &&
    errors.every(({ code, layer }) => operatorsWord.has(code) && layer !== 'runtime')
  );
}

export function isTrusted(status: Verdict['status']): status is 'affirming' | 'warning' {
  return status === 'affirming' || status === 'warning';
}

export interface TrustedRecord extends VerdictRecord {
  readonly verdict: Verdict & { readonly status: 'affirming' | 'warning' };
}

/**
 * The last verdict of trust, when everything since then is holdable: one boot, one boot log, one binding, heard of in time all
 * along, and nothing was voided. `history` is the newest first.
 */
export function findLastGood(history: readonly VerdictRecord[]): TrustedRecord | undefined {
  const [current, ...earlier] = history;
  if (current === undefined || current.voided !== undefined || !isHoldable(current.verdict)) return undefined;
  let later = current;
  for (const record of earlier) {
    if (!follows(later, record)) return undefined;
    if (isTrustedRecord(record)) return record;
    if (!isHoldable(record.verdict)) return undefined;
    later = record;
  }
  return undefined;
}

function isTrustedRecord(record: VerdictRecord): record is TrustedRecord {
  const { status, findings } = record.verdict;
  return isTrusted(status) && errorsOf(findings).length === 0;
}

function errorsOf(findings: Verdict['findings']): Verdict['findings'] {
  return findings.filter(({ severity }) => severity === 'error');
}

/** The host said the same of the same boot, before the verdict of what it said earlier had run out. */
function follows(later: VerdictRecord, earlier: VerdictRecord): boolean {
  const [now, then] = [later.verdict, earlier.verdict];
  return (
    earlier.voided === undefined &&
    earlier.epoch === later.epoch &&
    earlier.sequence === later.sequence - 1 &&
    later.issuedAt >= earlier.issuedAt &&
    later.issuedAt < earlier.expiresAt &&
    now.boot?.epoch === 'same-boot' &&
    now.boot.resetCount === then.boot?.resetCount &&
    now.boot.restartCount === then.boot.restartCount &&
    now.eventLogDigest !== undefined &&
    now.eventLogDigest === then.eventLogDigest
  );
}
