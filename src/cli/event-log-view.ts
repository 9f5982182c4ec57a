// A boot log for people: grouped by register, in order, with what is bound and what is only claimed.
import { encodeHex, printable } from '../core/encoding/index.ts';
import { layersOfPcr, type AnnotatedLog, type BoundEvent, type ClaimedEventLog } from '../core/event-log/index.ts';
import { formatFacts, wrapText } from './table.ts';
import type { Paper, Tone } from './terminal.ts';

export interface EventLogView {
  readonly log: ClaimedEventLog;
  readonly annotated: AnnotatedLog;
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
    '',
    ...formatLegend(paper),
  ];
}

function formatHead(paper: Paper, { log, annotated }: EventLogView): string[] {
  const skipped = log.events.length - annotated.events.length;
  return formatFacts(paper, [
    ['format', log.format],
    ['banks', `${log.banks.join(', ') || 'none complete'} (shown: ${annotated.bank})`],
    ['events', `${annotated.events.length} extended, ${skipped} informative`],
    ['startup locality', log.startupLocality === undefined ? undefined : String(log.startupLocality)],
    ...log.quirks.map((quirk) => ['quirk', `${quirk.id}: ${printable(quirk.detail)}`] as const),
  ]);
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
    (event.layer === undefined ? '' : `  ${event.layer}`);
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

function formatLegend(paper: Paper): string[] {
  return [
    `${paper.tone('good', 'bound')}      the digest covers this data (recomputed): whoever proves the PCR proves the data`,
    `${paper.tone('warn', 'untrusted')}  only the digest counts: type and text are claims of the log`,
    'nothing here is proved by itself: hold the log against a quote with `touchstone verify quote --event-log LOG`',
  ];
}
