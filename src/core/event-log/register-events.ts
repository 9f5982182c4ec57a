// The events of one register as facts are read from them: by digest and by bound bytes, never by type.
import { MalformedError } from '../error.ts';
import type { DecodedVariable } from './decoded-event.ts';
import { readDigestMark, type DigestMark } from './digest-marks.ts';
import type { AnnotatedLog, BoundEvent } from './replayed-log.ts';
import { isUefiVariable, parseUefiVariable } from './uefi-variable.ts';

export interface MarkedEvent {
  readonly event: BoundEvent;
  readonly mark: DigestMark | undefined;
  /** The variable that the digest covers, name and all. The structure is exactly the covered bytes, so that no part of
   * it is read that was not measured. */
  readonly boundVariable: DecodedVariable | undefined;
  /** As `boundVariable`, and also the authority events of old shims, whose structure is covered and followed by a few
   * more bytes. */
  readonly coveredVariable: DecodedVariable | undefined;
}

export interface RegisterEvents {
  readonly all: readonly MarkedEvent[];
  /** Before the first separator: what firmware measured while nothing else could. All of them where there is none. */
  readonly firmware: readonly MarkedEvent[];
  readonly separator: MarkedEvent | undefined;
}

/** The events of each register, in the order of the log, without the separator that the running system ends them with. */
export type Registers = (pcr: number) => RegisterEvents;

const noEvents: RegisterEvents = { all: [], firmware: [], separator: undefined };

/** Reads each event once, for all facts. */
export function readRegisters(log: AnnotatedLog): Registers {
  const byPcr = new Map<number, MarkedEvent[]>();
  // A confidential guest's registers are numbered otherwise, and each mixes several PCRs.
  for (const event of log.registers === 'tpm' ? log.events : []) {
    // Told by its digest: nothing that a fact is read from, and nothing that could hide one.
    if (event.measurement?.kind === 'os-separator') continue;
    const others = byPcr.get(event.pcr);
    if (others) others.push(markEvent(event));
    else byPcr.set(event.pcr, [markEvent(event)]);
  }
  const registers = new Map([...byPcr].map(([pcr, all]) => [pcr, splitRegister(all)]));
  return (pcr) => registers.get(pcr) ?? noEvents;
}

function splitRegister(all: readonly MarkedEvent[]): RegisterEvents {
  const end = all.findIndex(({ mark }) => mark === 'separator');
  return { all, firmware: end < 0 ? all : all.slice(0, end), separator: all[end] };
}

function markEvent(event: BoundEvent): MarkedEvent {
  const boundVariable = readBoundVariable(event);
  const coveredVariable = boundVariable ?? readCoveredVariable(event);
  return { event, mark: readDigestMark(event.digest), boundVariable, coveredVariable };
}

function readBoundVariable({ coverage, boundContent }: BoundEvent): DecodedVariable | undefined {
  const isOne = coverage === 'whole' && boundContent !== undefined && isUefiVariable(boundContent);
  return isOne ? parseUefiVariable(boundContent) : undefined;
}

function readCoveredVariable({ coverage, boundContent }: BoundEvent): DecodedVariable | undefined {
  if (coverage !== 'all-but-last-byte' || boundContent === undefined) return undefined;
  try {
    return parseUefiVariable(boundContent);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
