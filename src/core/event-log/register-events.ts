// The events of one register as facts are read from them: by digest and by bound bytes, never by type.
import { bytesEqual } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { readDigestMark, type DigestMark } from './digest-marks.ts';
import type { AnnotatedLog, BoundEvent } from './replayed-log.ts';
import { encodeUefiVariable, parseUefiVariable } from './uefi-variable.ts';
import type { DecodedVariable } from './decoded-event.ts';

export interface MarkedEvent {
  readonly event: BoundEvent;
  readonly mark: DigestMark | undefined;
}

export interface RegisterEvents {
  readonly all: readonly MarkedEvent[];
  /** Before the first separator: what firmware measured while nothing else could. All of them where there is none. */
  readonly firmware: readonly MarkedEvent[];
  readonly separator: MarkedEvent | undefined;
}

export function readRegister(log: AnnotatedLog, pcr: number): RegisterEvents {
  // A confidential guest's registers are numbered otherwise, and each mixes several PCRs.
  const all = log.events
    .filter((event) => event.pcr === pcr && log.registers === 'tpm')
    .map((event) => ({ event, mark: readDigestMark(event.digest) }));
  const end = all.findIndex(({ mark }) => mark === 'separator');
  return { all, firmware: end < 0 ? all : all.slice(0, end), separator: all[end] };
}

/** The variable that the digest covers, name and all. The structure must be exactly the covered bytes, so that no part
 * of it is read that was not measured. */
export function readBoundVariable({ coverage, boundContent }: BoundEvent): DecodedVariable | undefined {
  if (coverage !== 'whole' || boundContent === undefined) return undefined;
  try {
    const variable = parseUefiVariable(boundContent);
    return bytesEqual(encodeUefiVariable(variable), boundContent) ? variable : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** As `readBoundVariable`, and also the authority events of old shims, whose structure is covered and followed by a few
 * more bytes. */
export function readCoveredVariable(event: BoundEvent): DecodedVariable | undefined {
  const exact = readBoundVariable(event);
  if (exact || event.coverage !== 'all-but-last-byte' || event.boundContent === undefined) return exact;
  try {
    return parseUefiVariable(event.boundContent);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
