// What changed between two boots, for people. What is said twice is said once, and a flood of commands is counted.
import { counted, printable } from '../../core/encoding/index.ts';
import type { BootChange } from '../../core/event-log/index.ts';
import { formatFacts, wrapText } from '../table.ts';
import type { Paper } from '../terminal.ts';

/** More words or items than this are counted. */
const shownItems = 12;

export function formatChanges(paper: Paper, changes: readonly BootChange[]): string[] {
  if (changes.length === 0) return [paper.tone('good', 'both boots measured the same')];
  const layers = [...new Set(changes.flatMap(({ layer }) => layer ?? []))];
  const none = 'none: what changed is part of no layer';
  return [
    ...formatFacts(paper, [
      ['changes', `${counted(changes.length, 'event')} from the first boot to the second`],
      ['layers', layers.join(', ') || none],
    ]),
    ...groupChanges(changes).flatMap((group) => ['', ...formatGroup(paper, group)]),
  ];
}

type ChangeGroup = readonly [BootChange, ...BootChange[]];

/** Neighbours with one sentence, and runs of commands that only came or only went. */
function groupChanges(changes: readonly BootChange[]): readonly ChangeGroup[] {
  const groups: [BootChange, ...BootChange[]][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last && isAlike(last[0], change)) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function isAlike(one: BootChange, other: BootChange): boolean {
  if (one.pcr !== other.pcr || one.kind !== other.kind) return false;
  if (one.sentence === other.sentence) return true;
  const isOneSided = ({ before, after }: BootChange): string => `${before === undefined} ${after === undefined}`;
  const isCommand = one.kind === 'boot-loader-command' && (one.before === undefined || one.after === undefined);
  return isCommand && isOneSided(one) === isOneSided(other);
}

function formatGroup(paper: Paper, group: ChangeGroup): string[] {
  const [first] = group;
  const place = `PCR ${first.pcr}${first.layer === undefined ? '' : `  ${first.layer}`}`;
  const isOne = group.every(({ sentence }) => sentence === first.sentence);
  const verb = first.before === undefined ? 'added' : 'removed';
  const sentence = isOne
    ? first.sentence
    : `${group.length} boot loader commands ${verb}, first: ${first.sentence.replace(/^[^:]*: /, '')}`;
  return [
    `${paper.tone('strong', place)}  ${paper.tone('dim', eventsOf(group))}`,
    ...wrapText(sentence, paper.columns - 4).map((line) => `  ${line}`),
    ...(saysAllItself(first) ? [] : [...wordLines(paper, first.lost, '-'), ...wordLines(paper, first.gained, '+')]),
  ];
}

/** Databases and partition tables count what came and went; everything else names it in the sentence, if it is short. */
function saysAllItself({ kind, sentence }: BootChange): boolean {
  const isCounted = kind === 'signature-database' || kind === 'partition-table';
  return !isCounted && !/ and \d+ more\b/.test(sentence);
}

function eventsOf(group: ChangeGroup): string {
  const nameOf = (event: number | undefined): string => (event === undefined ? 'none' : `#${event}`);
  const shown = group.slice(0, 3).map(({ before, after }) => `${nameOf(before)} -> ${nameOf(after)}`);
  return `event ${shown.join(', ')}${group.length > 3 ? ', ...' : ''}`;
}

function wordLines(paper: Paper, items: readonly string[], sign: '+' | '-'): string[] {
  const tone = sign === '+' ? 'good' : 'bad';
  const lines = items.slice(0, shownItems).map((item) => `  ${paper.tone(tone, `${sign} ${shorten(item)}`)}`);
  const more = items.length - lines.length;
  return more > 0 ? [...lines, `  ${paper.tone(tone, `${sign} ${more} more (--json has them all)`)}`] : lines;
}

/** The digest of a certificate or of a revoked image, cut as everywhere. */
function shorten(item: string): string {
  return printable(item, 200).replace(/\b([0-9a-f]{16})[0-9a-f]{48}\b/, '$1');
}
