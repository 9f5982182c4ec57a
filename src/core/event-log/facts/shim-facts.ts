// What shim leaves: SbatLevel and MokSBState in PCR 7, the MOK variables in PCR 14. See README.tpm of shim.
import type { BootFacts, Fact, SbatLevel, ShimFacts } from './facts.ts';
import { guids } from '../uefi/guid.ts';
import type { MarkedEvent, Registers } from './register-events.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { containsBytes, decodeAscii, encodeUtf16, trimNul } from '../events/text.ts';

/** Each is read when it is asked for. Of two events of one name the first counts: an operating system can append to PCR 7, but not come
 * before shim. */
class LazyShimFacts implements ShimFacts {
  readonly #registers: Registers;

  constructor(registers: Registers) {
    this.#registers = registers;
  }

  get sbatLevel(): Fact<SbatLevel> | undefined {
    return readSbat(this.#registers);
  }

  get mokSbState(): ShimFacts['mokSbState'] {
    return readMokSbState(this.#registers);
  }

  get mokLists(): ShimFacts['mokLists'] {
    return this.#registers(14).all.map(({ event }) => readMokList(event));
  }
}

export function readShimFacts(registers: Registers): Pick<BootFacts, 'shim'> {
  return { shim: new LazyShimFacts(registers) };
}

function readMokList({ decoded, digest, index }: BoundEvent): ShimFacts['mokLists'][number] {
  return { value: { untrustedName: decoded?.kind === 'ipl' ? decoded.text : '', digest }, event: index };
}

interface FoundVariable {
  readonly data: Uint8Array;
  readonly index: number;
  /** None of the events of PCR 7 before it can be the real one under another label. */
  readonly isFirst: boolean;
}

type ShimVariable = 'MokSBState' | 'SbatLevel';

function findVariable(registers: Registers, name: ShimVariable): FoundVariable | undefined {
  const { all } = registers(7);
  const position = all.findIndex(
    ({ coveredVariable: variable }) => variable?.name === name && variable.guid === guids.shimLock,
  );
  const [found, before] = [all[position], all.slice(0, Math.max(0, position))];
  if (found?.coveredVariable === undefined) return undefined;
  const isFirst = !before.some((event) => mayHide(event, name));
  return { data: found.coveredVariable.data, index: found.event.index, isFirst };
}

/** Whether an event may be the variable under another label: the bytes that were measured are not in the log, or they hold the name in a
 * structure that cannot be read. Bytes that the digest covers are what was measured, whatever type the event claims. */
function mayHide({ mark, coveredVariable, event: { boundContent } }: MarkedEvent, name: ShimVariable): boolean {
  if (mark !== undefined || coveredVariable !== undefined) return false;
  return boundContent === undefined || containsBytes(boundContent, encodeUtf16(name));
}

function readSbat(registers: Registers): Fact<SbatLevel> | undefined {
  const found = findVariable(registers, 'SbatLevel');
  const value = found?.isFirst === true ? parseSbatLevel(decodeAscii(trimNul(found.data))) : undefined;
  return found && value && { value, event: found.index };
}

/** `sbat,1,YYYYMMDDnn`, then `component,generation` lines. Undefined for anything else. */
export function parseSbatLevel(text: string): SbatLevel | undefined {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const date = /^sbat,1,(\d{10})$/.exec(head)?.[1];
  if (date === undefined) return undefined;
  const generations = new Map<string, number>();
  for (const line of lines) {
    const match = /^([A-Za-z0-9._-]{1,64}),(\d{1,9})$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || generations.has(match[1])) return undefined;
    generations.set(match[1], Number(match[2]));
  }
  return { date, generations: Object.fromEntries(generations), text };
}

/** Silence is believed only where no event of PCR 7 can be the one that switches validation off: a log cannot hide that
 * shim ran by writing other labels beside its digests. See docs/decisions/0006. */
function readMokSbState(registers: Registers): ShimFacts['mokSbState'] {
  const named = findVariable(registers, 'MokSBState');
  if (named?.data[0] === 1) return { value: 'disabled', event: named.index };
  if (named) return { value: named.isFirst ? 'enabled' : 'unknown', event: named.index };
  const { all, separator } = registers(7);
  const hidden = all.find((event) => mayHide(event, 'MokSBState'));
  if (hidden) return { value: 'unknown', event: hidden.event.index };
  return { value: separator === undefined ? 'unknown' : 'not-reported', event: undefined };
}
