// What firmware measured of itself and of the hand-over: PCR 0, 1, 2, 4 and 5, and the separators of PCR 0 to 7.
import { attempt } from '../attempt.ts';
import { parseLoadOption } from '../uefi/boot-option.ts';
import { readBootOrder } from '../events/describe-event.ts';
import type { BootEntry, BootFacts, Fact } from './facts.ts';
import { formatGuid, guids } from '../uefi/guid.ts';
import { parseGpt } from '../uefi/gpt.ts';
import type { MarkedEvent, Registers } from './register-events.ts';
import { decodeUtf16, isUtf16Text, trimNul, withoutTrailingNul } from '../events/text.ts';

export type FirmwareFacts = Pick<BootFacts, 'exitBootServices' | 'separators'>;

/** What firmware is, what it started, and what it was set up to start. */
export type FirmwareInventory = Pick<
  BootFacts,
  'bootApplications' | 'drivers' | 'firmwareVersion' | 'bootOrder' | 'bootEntries' | 'partitionTable'
>;

export function readFirmwareFacts(registers: Registers): FirmwareFacts {
  return { exitBootServices: readExit(registers), separators: readSeparators(registers) };
}

export function readFirmwareInventory(registers: Registers): FirmwareInventory {
  const firmwareVersion = readFirmwareVersion(registers);
  const bootOrder = readOrder(registers);
  const partitionTable = readPartitionTable(registers);
  return {
    bootApplications: readImages(registers, 4),
    drivers: readImages(registers, 2),
    bootEntries: registers(1).all.flatMap(readEntry),
    ...(firmwareVersion ? { firmwareVersion } : {}),
    ...(bootOrder ? { bootOrder } : {}),
    ...(partitionTable ? { partitionTable } : {}),
  };
}

/** Everything that is not one of the constant events: an image cannot hide behind another type. */
function readImages(registers: Registers, pcr: number): BootFacts['bootApplications'] {
  return registers(pcr)
    .all.filter(({ mark }) => mark === undefined)
    .map(({ event }) => ({ value: event.digest, event: event.index }));
}

/** The last of these events counts: after a failure ExitBootServices may be called again. */
function readExit(registers: Registers): BootFacts['exitBootServices'] {
  const { all } = registers(5);
  const last = all.filter(({ mark }) => mark === 'exit-success' || mark === 'exit-failure').at(-1);
  if (last) return { value: last.mark === 'exit-success' ? 'success' : 'failure', event: last.event.index };
  return { value: all.length > 0 ? 'not-logged' : 'unknown', event: undefined };
}

const firmwareRegisters = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Without its separator, a firmware register could have been extended by the operating system. An error separator says
 * that firmware lost the chain. */
function readSeparators(read: Registers): BootFacts['separators'] {
  const registers = firmwareRegisters.map(read);
  for (const { all } of registers) {
    const error = all.find(({ mark }) => mark === 'error-separator');
    if (error) return { value: 'error', event: error.event.index };
  }
  if (registers.some(({ all, separator }) => all.length > 0 && separator === undefined)) {
    return { value: 'missing', event: undefined };
  }
  return { value: registers.some(({ all }) => all.length === 0) ? 'unknown' : 'complete', event: undefined };
}

/** The first text or GUID that firmware measured in PCR 0 and the log shows. A host can write other data beside its digest, and so let
 * another text of the same firmware come first; only firmware measures there before the separator. Many firmwares measure code, which
 * the log does not show, before their version: `isFirst` says whether there is any such event. */
function readFirmwareVersion(registers: Registers): BootFacts['firmwareVersion'] {
  let isFirst = true;
  for (const { event } of registers(0).firmware) {
    const value = event.boundContent && readVersion(event.boundContent);
    if (value !== undefined) return { value, event: event.index, isFirst };
    isFirst &&= event.dataBound;
  }
  return undefined;
}

function readVersion(content: Uint8Array): string | undefined {
  if (isUtf16Text(content)) return withoutTrailingNul(decodeUtf16(content));
  if (content.length === 2 && trimNul(content).length === 0) return '';
  return content.length === 16 ? formatGuid(content) : undefined;
}

function readOrder(registers: Registers): Fact<readonly number[]> | undefined {
  for (const { event, boundVariable: variable } of registers(1).all) {
    if (variable?.name === 'BootOrder' && variable.guid === guids.globalVariable) {
      return { value: readBootOrder(variable.data), event: event.index };
    }
  }
  return undefined;
}

/** The value of a boot variable is covered; its name is only where the firmware measures the whole structure. */
function readEntry({ event, boundVariable: variable }: MarkedEvent): readonly Fact<BootEntry>[] {
  const content = variable?.data ?? (event.coverage === 'variable-data' ? event.boundContent : undefined);
  if (content === undefined || (variable && !/^Boot[0-9A-F]{4}$/i.test(variable.name))) return [];
  return attempt(() => [{ value: { name: variable?.name, ...parseLoadOption(content) }, event: event.index }]) ?? [];
}

function readPartitionTable(registers: Registers): BootFacts['partitionTable'] {
  for (const { event } of registers(5).all) {
    const content = event.coverage === 'whole' ? event.boundContent : undefined;
    const gpt = content && attempt(() => parseGpt(content));
    if (gpt) return { value: { diskGuid: gpt.diskGuid, partitions: gpt.partitions }, event: event.index };
  }
  return undefined;
}
