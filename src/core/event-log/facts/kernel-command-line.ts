// The kernel command line, from texts that digests cover.
//
// GRUB measures each command it runs and then the command line it hands over; which is which stands in a prefix that no
// digest covers. So the prefix is not asked: a command line is a text that was also the argument of a `linux` command.
// Where two differ, or a `linux` command has no counterpart, nobody can say which one booted and there is no fact.
import type { Fact } from './facts.ts';
import type { Registers } from './register-events.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { decodeAscii, decodeUtf16, trimNul, withoutTrailingNul } from '../events/text.ts';

/** Registers that boot loaders measure command lines into: GRUB and older systemd-boot 8, systemd-boot and systemd-stub 12. */
const passedIn = [8, 12];
/** Control characters: no command line, but bytes of some other kind. */
const noText = /[^\P{Cc}\t\n]/u;

export interface CommandLines {
  /** The one that booted, if it can be told. */
  readonly booted: Fact<string> | undefined;
  /** Every text that may be one: a weakness in any of them counts. */
  readonly candidates: readonly Fact<string>[];
}

const linuxCommand = /^(?:linux|linux16|linuxefi)\s+/;
/** Commands that start something else than what `linux` loaded. */
const otherLoader =
  /^(?:chainloader|multiboot2?|xnu\w*|kfreebsd|linuxboot|ntldr|knetbsd\w*|kopenbsd|plan9|appleloader)\s/;

export function readCommandLines(registers: Registers): CommandLines {
  const texts = readGrubCommands(registers);
  const passed = passedIn.flatMap((pcr) => readUtf16Texts(registers, pcr));
  const isAmbiguous =
    passedIn.some((pcr) => mayHideText(registers, pcr)) || texts.some(({ value }) => otherLoader.test(value));
  const { commands, counterparts } = pairCommands(texts);
  const lines = [...counterparts.filter((line) => line !== undefined), ...passed];
  const isOne = new Set(lines.map(({ value }) => fold(value))).size === 1 && !counterparts.includes(undefined);
  return { booted: isOne && !isAmbiguous ? lines.at(-1) : undefined, candidates: [...commands, ...lines] };
}

interface PairedCommands {
  /** The arguments of each `linux` command. */
  readonly commands: readonly Fact<string>[];
  /** The text after it that says the same: GRUB measures the command line after the command. */
  readonly counterparts: readonly (Fact<string> | undefined)[];
}

/** Linear: the last place of each text is noted once. */
function pairCommands(texts: readonly Fact<string>[]): PairedCommands {
  const lastPlace = new Map(texts.map(({ value }, place) => [fold(value), place]));
  const pairs = texts.flatMap(({ value, event }, place) => {
    if (!linuxCommand.test(value)) return [];
    const command = { value: value.replace(linuxCommand, ''), event };
    const found = lastPlace.get(fold(command.value));
    return [{ command, counterpart: found !== undefined && found > place ? texts[found] : undefined }];
  });
  return { commands: pairs.map(({ command }) => command), counterparts: pairs.map(({ counterpart }) => counterpart) };
}

/** Quoting may differ between the command and what it hands over. */
function fold(text: string): string {
  return text
    .replace(/["'\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function readUtf16Texts(registers: Registers, pcr: number): readonly Fact<string>[] {
  return registers(pcr)
    .all.map(({ event }) => event)
    .filter(isUtf16)
    .flatMap((event) => readText(event, decodeUtf16));
}

function isUtf16({ boundContent }: BoundEvent): boolean {
  return boundContent !== undefined && boundContent.length >= 2 && boundContent[1] === 0;
}

function readText(event: BoundEvent, decode: (bytes: Uint8Array) => string): readonly Fact<string>[] {
  const content = event.boundContent;
  if (content === undefined) return [];
  const text = withoutTrailingNul(decode(decode === decodeAscii ? trimNul(content) : content));
  return text === '' ? [] : [{ value: text.trim(), event: event.index }];
}

/** Commands of GRUB, without prefix. */
export function readGrubCommands(registers: Registers): readonly Fact<string>[] {
  return registers(8)
    .all.map(({ event }) => event)
    .filter((event) => !isUtf16(event))
    .flatMap((event) => readText(event, decodeAscii));
}

/**
 * Whether the register may hold a command line that nobody can read: the log does not account for it, or the data of an
 * event does not cover what was measured, or what was measured is no text. Whoever owns a host could otherwise hide the
 * line that booted there, and show another text that was measured later, into the other register.
 */
function mayHideText(registers: Registers, pcr: number): boolean {
  const { isAccounted, all } = registers(pcr);
  if (!isAccounted) return true;
  return all.some(({ event }) => {
    if (!event.dataBound) return true;
    return readText(event, isUtf16(event) ? decodeUtf16 : decodeAscii).some(({ value }) => noText.test(value));
  });
}
