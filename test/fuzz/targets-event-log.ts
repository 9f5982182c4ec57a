// Boot logs in every format, read to the facts; logs held against the registers they lead to; two logs compared.
import assert from 'node:assert/strict';
import { AttestationError } from '../../src/core/error.ts';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import {
  annotateEventLog,
  appendUserspaceLog,
  diffEventLogs,
  encodeEventLog,
  encodeUserspaceLog,
  eventTypes,
  parseEventLog,
  parseUserspaceLog,
  readClaimedFacts,
  readFacts,
  replayEventLog,
  verifyEventLog,
  type AnnotatedLog,
  type ClaimedEventLog,
  type UserspaceToEncode,
} from '../../src/core/event-log/index.ts';
import { celLogsOf } from '../core/event-log/formats/cel-logs.ts';
import {
  action,
  attestReplay,
  authority,
  file,
  grub,
  hashes,
  image,
  section,
  separator,
  variable,
} from '../core/event-log/logs.ts';
import { vectorFiles } from '../support/vectors.ts';
import { labFiles } from './corpus.ts';
import { joinInputs, splitInputs } from './frame.ts';
import type { FuzzTarget } from './target.ts';

/** A whole boot in some kilobytes: changes hit something more often than in a capture. */
export const smallLog = encodeEventLog(
  [
    { pcr: 0, type: eventTypes.EV_S_CRTM_VERSION, data: Uint8Array.of(0x31, 0, 0, 0) },
    { pcr: 0, type: eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB, data: new Uint8Array(16) },
    variable('SecureBoot', Uint8Array.of(1)),
    variable('PK', hashes(1)),
    variable('db', hashes(2)),
    variable('dbx', hashes(3)),
    separator(7),
    authority('db', hashes(1)),
    action(4, 'Calling EFI Application from Boot Option'),
    separator(4),
    image(4, 'shim'),
    grub('kernel_cmdline', '/vmlinuz root=/dev/sda1 lockdown=integrity ima_policy=tcb'),
    file('(hd0,gpt2)/vmlinuz', 'kernel'),
    ...section('.linux', 'kernel'),
    { pcr: 12, type: eventTypes.EV_EVENT_TAG, data: Uint8Array.of(1, 0, 5, 0, 4, 0, 0, 0, 1, 0, 0, 0) },
    { pcr: 5, type: eventTypes.EV_EFI_GPT_EVENT, data: new Uint8Array(228) },
    action(5, 'Exit Boot Services Invocation'),
    action(5, 'Exit Boot Services Returned with Success'),
  ],
  { banks: ['sha1', 'sha256'], startupLocality: 3 },
);

const words = ['Spec ID Event03', 'Spec ID Event02', 'StartupLocality', 'SP800-155 Event', 'HCRTM', 'SecureBoot', 'MokSBState', 'SbatLevel', 'kernel_cmdline: ', 'grub_cmd: ', '.cmdline', 'Calling EFI Application from Boot Option', 'Exit Boot Services Invocation']; // prettier-ignore
const binaryTokens = [
  ...words.flatMap((word) => [encodeUtf8(`${word}\0`), new Uint8Array(Buffer.from(word, 'utf16le'))]),
  ...Object.values(eventTypes).map((type) => new Uint8Array(Uint32Array.of(type).buffer)),
  new Uint8Array(8).fill(0xff),
];
const jsonWords = ['"recnum":', '"pcr":', '"nv_index":', '"digests":', '"hashAlg":"sha256"', '"digest":""', '"content_type":"pcclient_std"', '"content_type":"systemd"', '"content":', '"event_type":', '"event_data":', '"string":', '\u001e', '\n', ',', '{', '}', '[', ']', '\\u0000', '"__proto__":']; // prettier-ignore
export const jsonTokens = jsonWords.map(encodeUtf8);

const sources = (): readonly ClaimedEventLog[] => [parseEventLog(smallLog), ...labFiles('binary_bios_measurements').slice(0, 2).map((log) => parseEventLog(log))]; // prettier-ignore

function celTarget(
  name: string,
  pick: (logs: ReturnType<typeof celLogsOf>) => readonly Uint8Array[],
  tokens: readonly Uint8Array[],
): FuzzTarget {
  // prettier-ignore
  return { name, seeds: sources().flatMap((log) => pick(celLogsOf(log))), tokens, run: readEverything };
}

/** What `inspect` does with a log that nobody attests. */
function readEverything(bytes: Uint8Array): unknown {
  const log = parseEventLog(bytes);
  const banks = log.announcedBanks.map((bank) => replayEventLog(log, bank));
  return { log, banks, read: attempt(() => readAnnotated(log)) };
}

function readAnnotated(log: ClaimedEventLog): { annotated: AnnotatedLog; facts: unknown } {
  const annotated = annotateEventLog(log);
  return { annotated, facts: readClaimedFacts(annotated) };
}

/** What a verdict does with a log, whose host is honest: all of it is bound. */
function verifyHonestly(bytes: Uint8Array): unknown {
  const log = parseEventLog(bytes);
  const replayed = verifyEventLog(log, attestReplay(log));
  assert.ok([...replayed.pcrs.values()].every((status) => status === 'bound'));
  return readFacts(replayed);
}

function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

/** A host whose registers follow from both logs, and one whose registers follow from the firmware's alone. */
function readUserspace(bytes: Uint8Array): unknown {
  const userspace = parseUserspaceLog(bytes);
  const firmware = parseEventLog(smallLog);
  const whole = appendUserspaceLog(firmware, userspace);
  const honest = verifyEventLog(firmware, attestReplay(whole, ['sha256']), userspace);
  return [whole, honest, readFacts(honest), verifyEventLog(firmware, attestReplay(firmware), userspace)];
}

const pcr = (index: number, text: string, eventType = 'phase'): UserspaceToEncode => ({
  register: { kind: 'pcr', index },
  text,
  eventType,
});
const userspaceSeeds = (): readonly Uint8Array[] => [
  encodeUserspaceLog(
    [
      pcr(11, 'enter-initrd'),
      pcr(11, 'leave-initrd'),
      pcr(15, 'machine-id:00', 'machine-id'),
      { register: { kind: 'nv', index: 0x1d10200 }, text: 'nv', eventType: 'nvpcr-init', nvIndexName: 'cryptsetup' },
      pcr(11, 'ready'),
    ],
    ['sha256', 'sha1'],
  ),
  celLogsOf(parseEventLog(smallLog))['JSON text sequence'],
];

const isAgile = (log: Uint8Array): boolean => new TextDecoder('latin1').decode(log.subarray(32, 47)) === 'Spec ID Event03'; // prettier-ignore
const logs = (): readonly Uint8Array[] => [smallLog, ...labFiles('binary_bios_measurements'), ...vectorFiles('eventlog', '.bin')]; // prettier-ignore

/** The events in the SHA-1 shape, without a Spec ID record. */
function sha1LogOf(log: ClaimedEventLog): Uint8Array {
  const parts = log.events.slice(1).map(({ pcr, untrustedType, untrustedData, digests }) => {
    const head = Uint32Array.of(pcr, untrustedType);
    const size = Uint32Array.of(untrustedData.length);
    return Buffer.concat([
      new Uint8Array(head.buffer),
      digests.get('sha1') ?? new Uint8Array(20),
      new Uint8Array(size.buffer),
      untrustedData,
    ]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

export const eventLogTargets: Readonly<Record<string, () => FuzzTarget>> = {
  'event-log-agile': () => ({ name: 'event-log-agile', seeds: logs().filter(isAgile), tokens: binaryTokens, run: readEverything }), // prettier-ignore
  'event-log-sha1': () => ({
    name: 'event-log-sha1',
    seeds: [...sources().map(sha1LogOf), ...logs().filter((log) => !isAgile(log))],
    tokens: binaryTokens,
    run: readEverything,
  }),
  'event-log-cel-json': () =>
    celTarget('event-log-cel-json', (cel) => [cel['JSON array'], cel['JSON lines'], cel['JSON text sequence']], jsonTokens), // prettier-ignore
  'event-log-cel-cbor': () => celTarget('event-log-cel-cbor', (cel) => [cel.CBOR], binaryTokens),
  'event-log-cel-tlv': () => celTarget('event-log-cel-tlv', (cel) => [cel.TLV], binaryTokens),
  'event-log-facts': () => ({ name: 'event-log-facts', seeds: logs(), tokens: binaryTokens, run: verifyHonestly }),
  'event-log-diff': () => ({
    name: 'event-log-diff',
    seeds: logs().map((log) => joinInputs(smallLog, log)),
    tokens: binaryTokens,
    run: (bytes) => {
      const [before, after] = splitInputs(bytes).map((log) => annotateEventLog(parseEventLog(log)));
      assert.ok(before !== undefined && after !== undefined);
      assert.deepEqual(diffEventLogs(after, after), []);
      return diffEventLogs(before, after);
    },
  }),
  'userspace-log': () => ({ name: 'userspace-log', seeds: userspaceSeeds(), tokens: jsonTokens, run: readUserspace }),
};
