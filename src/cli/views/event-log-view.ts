// A boot log for people: grouped by register, in order, with what is bound and what is only claimed.
import { encodeHex, printable } from '../../core/encoding/index.ts';
import {
  layersOfPcr,
  type AnnotatedLog,
  type AppliedQuirk,
  type BoundEvent,
  type ClaimedEventLog,
  type ClaimedUserspaceLog,
  type UserspaceRecord,
} from '../../core/event-log/index.ts';
import { formatFacts, wrapText } from '../table.ts';
import type { Paper, Tone } from '../terminal.ts';

export interface EventLogView {
  readonly log: ClaimedEventLog;
  readonly annotated: AnnotatedLog;
  /** Its records of PCRs are among the events of `log`, numbered from `firstRecord`. */
  readonly userspace: ClaimedUserspaceLog | undefined;
  readonly firstRecord: number;
  /** The section about facts, ready to print: left out where only some registers are shown. */
  readonly facts: readonly string[];
  readonly pcrs: readonly number[] | undefined;
}

const pcrTitles: ReadonlyMap<number, string> = new Map([
  [0, 'firmware code'],
  [1, 'firmware configuration'],
  [2, 'option ROMs and drivers'],
  [3, 'option ROM configuration'],
  [4, 'boot loaders and kernels'],
  [5, 'partition table and boot loader configuration'],
  [6, 'host vendor'],
  [7, 'Secure Boot'],
  [8, 'boot loader commands and kernel command line'],
  [9, 'files the boot loader read'],
  [10, 'IMA'],
  [11, 'unified kernel image and boot phases'],
  [12, 'kernel configuration'],
  [13, 'system extensions'],
  [14, 'shim: machine owner keys'],
  [15, 'system identity'],
]);

const registerTitles = ['MRTD', 'RTMR 0', 'RTMR 1', 'RTMR 2', 'RTMR 3'];

export function formatEventLog(paper: Paper, view: EventLogView): string[] {
  const { annotated } = view;
  const registers = [...new Set(annotated.events.map(({ pcr }) => pcr))].sort((left, right) => left - right);
  return [
    ...formatHead(paper, view),
    ...(view.pcrs === undefined ? ['', ...view.facts] : []),
    ...registers
      .filter((pcr) => view.pcrs?.includes(pcr) ?? true)
      .flatMap((pcr) => ['', ...formatRegister(paper, annotated, pcr)]),
    ...(view.pcrs === undefined ? formatNvPcrs(paper, view) : []),
    '',
    ...formatLegend(paper, annotated),
  ];
}

function formatHead(paper: Paper, { log, annotated, userspace }: EventLogView): string[] {
  const skipped = log.events.length - annotated.events.length;
  const nv = nvRecordsOf(userspace).length;
  return formatFacts(paper, [
    ['format', log.format],
    ['banks', `${log.banks.join(', ') || 'none complete'} (shown: ${annotated.bank})`],
    ['events', `${annotated.events.length} extended, ${skipped} informative`],
    ['userspace log', userspace && `${userspace.records.length} records${nv > 0 ? `, ${nv} of them of NvPCRs` : ''}`],
    ['startup locality', log.startupLocality === undefined ? undefined : String(log.startupLocality)],
    ...annotated.quirks.map((quirk) => ['quirk', formatQuirk(quirk)] as const),
  ]);
}

/** A departure from the specification that was tolerated. */
export function formatQuirk({ id, detail, event }: AppliedQuirk): string {
  return `${id}: ${printable(detail)}${event === undefined ? '' : ` (event ${event})`}`;
}

function formatRegister(paper: Paper, log: AnnotatedLog, pcr: number): string[] {
  const name = log.registers === 'tpm' ? `PCR ${pcr}` : (registerTitles[pcr] ?? `register ${pcr}`);
  const title = log.registers === 'tpm' ? (pcrTitles.get(pcr) ?? 'other') : 'measurement register';
  const note = log.registers === 'tpm' && layersOfPcr(pcr).length === 0 ? '  (not part of any layer)' : '';
  const value = log.replayed.get(pcr);
  return [
    `${paper.tone('accent', name.padEnd(7))}${paper.tone('strong', title)}${paper.tone('dim', note)}`,
    `       ${paper.tone('dim', `replays to ${value === undefined ? '?' : encodeHex(value)}`)}`,
    ...log.events.filter((event) => event.pcr === pcr).flatMap((event) => formatEvent(paper, event)),
  ];
}

const margin = 7;
const typeWidth = 30;

function formatEvent(paper: Paper, event: BoundEvent): string[] {
  const [mark, tone]: [string, Tone] = event.dataBound ? ['bound', 'good'] : ['untrusted', 'warn'];
  const type = shortType(event.untrustedTypeName);
  const head =
    `  ${paper.tone('dim', `#${event.index}`.padStart(margin - 3))} ` +
    `${paper.tone(tone, mark.padEnd(10))} ${paper.tone('dim', type.padEnd(typeWidth))} ` +
    paper.tone('dim', encodeHex(event.digest.value).slice(0, 16)) +
    (event.layer === undefined ? '' : `  ${event.layer}`) +
    (event.untrustedOrigin === undefined ? '' : `  ${paper.tone('warn', `by ${event.untrustedOrigin}`)}`);
  const width = Math.max(40, paper.columns - margin - 11);
  const text = wrapText(event.description, width).map((line) => ' '.repeat(margin + 11) + line);
  return [head.trimEnd(), ...text];
}

/** The type without the prefix that all have: it is only a label, and not a trustworthy one. */
function shortType(name: string): string {
  return printable(name, 60)
    .replace(/^EV_(EFI_)?/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

/** What the running system says of registers that no quote of PCRs covers. */
function formatNvPcrs(paper: Paper, { annotated, userspace, firstRecord }: EventLogView): string[] {
  return nvRecordsOf(userspace).flatMap((record) => {
    const { index, register, untrustedContent, digests } = record;
    const { nvIndexName = 'unnamed', string = 'no description', eventType = '' } = untrustedContent;
    const digest = digests.get(annotated.bank) ?? [...digests.values()][0] ?? new Uint8Array();
    const name = `NvPCR 0x${register.index.toString(16)}`;
    const place = `  ${paper.tone('dim', `#${firstRecord + index}`.padStart(margin - 3))} `;
    const type = paper.tone('dim', printable(eventType, typeWidth).padEnd(typeWidth));
    return [
      '',
      `${paper.tone('accent', name)}  ${paper.tone('strong', printable(nvIndexName, 64))}${paper.tone('dim', '  (no quote of PCRs covers it)')}`,
      `${place}${paper.tone('warn', 'untrusted'.padEnd(10))} ${type} ${paper.tone('dim', encodeHex(digest).slice(0, 16))}`,
      `${' '.repeat(margin + 11)}(unverified) ${printable(string, 512)}`,
    ];
  });
}

function nvRecordsOf(userspace: ClaimedUserspaceLog | undefined): readonly UserspaceRecord[] {
  return userspace?.records.filter(({ register }) => register.kind === 'nv') ?? [];
}

function formatLegend(paper: Paper, { registers }: AnnotatedLog): string[] {
  return [
    `${paper.tone('good', 'bound')}      the digest covers this data (recomputed): whoever proves the PCR proves the data`,
    `${paper.tone('warn', 'untrusted')}  only the digest counts: type and text are claims of the log`,
    ...(registers === 'tpm'
      ? [`${paper.tone('warn', 'by ...')}     who measured it, as far as register and order tell: nothing attests that`]
      : []),
    'nothing here is proved by itself: hold the log against a quote with `touchstone verify quote --event-log LOG`',
  ];
}
