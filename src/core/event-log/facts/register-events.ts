// The events of one register as facts are read from them: by digest and by bound bytes, never by type.
import { attempt } from '../attempt.ts';
import type { DecodedVariable } from '../events/decoded-event.ts';
import { readDigestMark, type DigestMark } from '../events/digest-marks.ts';
import type { AnnotatedLog, BoundEvent, ReplayFindings } from '../replayed-log.ts';
import { parseUefiVariable, readUefiVariable } from '../uefi/uefi-variable.ts';

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
  /** The log accounts for the register: what is not among these events was not extended. Also true where a log is only inspected, with
   * nothing attested to hold it against. */
  readonly isAccounted: boolean;
  readonly all: readonly MarkedEvent[];
  /** Before the first separator: what firmware measured while nothing else could. All of them where there is none. */
  readonly firmware: readonly MarkedEvent[];
  readonly separator: MarkedEvent | undefined;
}

/** The events of each register, in the order of the log, without the separator that the running system ends them with. */
export type Registers = (pcr: number) => RegisterEvents;

/** Reads each register, and each event of it, once for all facts, and only when a fact asks for it. */
export function readRegisters(log: AnnotatedLog & Partial<Pick<ReplayFindings, 'pcrs'>>): Registers {
  // A confidential guest's registers are numbered otherwise, and each mixes several PCRs.
  const events = groupByPcr(log.registers === 'tpm' ? log.events : []);
  const read = new Map<number, RegisterEvents>();
  return (pcr) => {
    const known = read.get(pcr);
    if (known !== undefined) return known;
    // The separator of the running system, told by its digest, is no fact and cannot hide one.
    const own = (events.get(pcr) ?? []).map((event) => new MarkedBoundEvent(event));
    const all = own.filter(({ mark }) => mark !== 'os-separator');
    const isAccounted = log.pcrs === undefined || log.pcrs.get(pcr) === 'bound';
    const register = { isAccounted, ...splitRegister(all) };
    read.set(pcr, register);
    return register;
  };
}

function groupByPcr(events: readonly BoundEvent[]): ReadonlyMap<number, readonly BoundEvent[]> {
  const groups = new Map<number, BoundEvent[]>();
  for (const event of events) {
    const group = groups.get(event.pcr);
    if (group === undefined) groups.set(event.pcr, [event]);
    else group.push(event);
  }
  return groups;
}

function splitRegister(all: readonly MarkedEvent[]): Omit<RegisterEvents, 'isAccounted'> {
  const end = all.findIndex(({ mark }) => mark === 'separator');
  return { all, firmware: end < 0 ? all : all.slice(0, end), separator: all[end] };
}

class MarkedBoundEvent implements MarkedEvent {
  readonly event: BoundEvent;
  readonly mark: DigestMark | undefined;
  #bound: { readonly variable: DecodedVariable | undefined } | undefined;

  constructor(event: BoundEvent) {
    this.event = event;
    this.mark = readDigestMark(event.digest);
  }

  get boundVariable(): DecodedVariable | undefined {
    this.#bound ??= { variable: readBoundVariable(this.event) };
    return this.#bound.variable;
  }

  get coveredVariable(): DecodedVariable | undefined {
    return this.boundVariable ?? readCoveredVariable(this.event);
  }
}

function readBoundVariable({ coverage, boundContent }: BoundEvent): DecodedVariable | undefined {
  return coverage === 'whole' && boundContent !== undefined ? readUefiVariable(boundContent) : undefined;
}

function readCoveredVariable({ coverage, boundContent }: BoundEvent): DecodedVariable | undefined {
  if (coverage !== 'all-but-last-byte' || boundContent === undefined) return undefined;
  return attempt(() => parseUefiVariable(boundContent));
}
