// One golden measurement against one layer of one boot: every difference, PCR by PCR.
import { bytesEqual } from '../encoding/index.ts';
import { pcrsOfLayer, type BoundEvent, type ReplayedLog } from '../event-log/index.ts';
import { alignEvents, areEqual } from './alignment.ts';
import type { ApprovedGolden } from './approval.ts';
import { isUntouched } from './capture.ts';
import type { DivergenceKind } from './layer-match.ts';
import type { ExpectedEvent, ExpectedPcr, GoldenStatement } from './statement.ts';

export interface Difference {
  readonly kind: DivergenceKind;
  readonly pcr: number;
  readonly expected?: ExpectedEvent | ExpectedPcr;
  readonly observed?: BoundEvent;
  /** All events of the layer in this PCR, for the explanation. */
  readonly wanted?: readonly ExpectedEvent[];
  readonly seen?: readonly BoundEvent[];
}

export interface Comparison {
  readonly golden: ApprovedGolden;
  /** First difference of each PCR; empty when the layer is as the golden measurement says. */
  readonly differences: readonly Difference[];
  /** How near it comes: events in common in any order, and events that agree from the start of each PCR. */
  readonly common: number;
  readonly prefix: number;
}

/**
 * Whether the layer is what the golden measurement says. Every PCR that can hold the layer is looked at, also those the
 * golden measurement says nothing about: what is measured there beyond it is a difference, and so is a register the log does
 * not explain. Order counts within a PCR; across PCRs no TPM attests any.
 */
export function isAsExpected(
  { statement }: ApprovedGolden,
  observed: readonly BoundEvent[],
  log: ReplayedLog,
): boolean {
  if (!speaksBank(statement, log)) return false;
  const { layer, events, pcrs } = statement;
  const isSameThroughout = areEqual(events, observed);
  return pcrsOfLayer(layer).every((pcr) => {
    const whole = pcrs.find((expected) => expected.pcr === pcr);
    if (whole !== undefined) return compareValue(whole, log) === undefined;
    if (readUnproven(pcr, log) !== undefined) return false;
    return isSameThroughout || areEqual(eventsIn(pcr, events), eventsIn(pcr, observed));
  });
}

/** Every difference between the layer and the golden measurement: none exactly where `isAsExpected` is true. */
export function compareLayer(golden: ApprovedGolden, observed: readonly BoundEvent[], log: ReplayedLog): Comparison {
  const { statement } = golden;
  const differences: Difference[] = [];
  let common = 0;
  let prefix = 0;
  if (!speaksBank(statement, log)) differences.push({ kind: 'bank-missing', pcr: firstPcr(statement) });
  for (const pcr of pcrsOfLayer(statement.layer)) {
    const whole = statement.pcrs.find((expected) => expected.pcr === pcr);
    if (whole !== undefined) {
      const difference = compareValue(whole, log);
      if (difference === undefined) common += 1;
      else differences.push(difference);
      continue;
    }
    const unproven = readUnproven(pcr, log);
    if (unproven !== undefined) {
      differences.push({ kind: unproven, pcr });
      continue;
    }
    const [wanted, seen] = [eventsIn(pcr, statement.events), eventsIn(pcr, observed)];
    const alignment = alignEvents(wanted, seen);
    common += alignment.common;
    prefix += alignment.prefix;
    if (alignment.kind === 'equal') continue;
    differences.push(differenceAt(pcr, alignment, wanted, seen));
  }
  return { golden, differences, common, prefix };
}

function eventsIn<Event extends { readonly pcr: number }>(pcr: number, events: readonly Event[]): readonly Event[] {
  return events.filter((event) => event.pcr === pcr);
}

function differenceAt(
  pcr: number,
  { kind, prefix }: { readonly kind: DivergenceKind | 'equal'; readonly prefix: number },
  wanted: readonly ExpectedEvent[],
  seen: readonly BoundEvent[],
): Difference {
  const expected = kind === 'event-extra' ? undefined : wanted[prefix];
  const observed = kind === 'event-missing' ? undefined : seen[prefix];
  return {
    kind: kind === 'equal' ? 'event-replaced' : kind,
    pcr,
    wanted,
    seen,
    ...(expected === undefined ? {} : { expected }),
    ...(observed === undefined ? {} : { observed }),
  };
}

function compareValue(expected: ExpectedPcr, log: ReplayedLog): Difference | undefined {
  const { pcr } = expected;
  const attested = log.attested.get(pcr);
  if (attested === undefined) return { kind: 'pcr-not-attested', pcr, expected };
  const value = expected.digests.get(log.bank);
  return value !== undefined && bytesEqual(value, attested) ? undefined : { kind: 'pcr-value', pcr, expected };
}

function readUnproven(pcr: number, log: ReplayedLog): DivergenceKind | undefined {
  const status = log.pcrs.get(pcr);
  if (status === undefined || log.attested.get(pcr) === undefined) return 'pcr-not-attested';
  if (status === 'mismatch') return 'pcr-mismatch';
  return status === 'unlogged' && !isUntouched(log, pcr) ? 'pcr-unlogged' : undefined;
}

function speaksBank({ events, pcrs }: GoldenStatement, log: ReplayedLog): boolean {
  const speaks = ({ digests }: ExpectedEvent | ExpectedPcr): boolean => digests.has(log.bank);
  return events.every(speaks) && pcrs.every(speaks);
}

function firstPcr({ events, pcrs }: GoldenStatement): number {
  return Math.min(...[...events, ...pcrs].map(({ pcr }) => pcr));
}
