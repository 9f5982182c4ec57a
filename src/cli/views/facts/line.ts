// One fact on one line: the event that proves it, what it is about, what it says.
import { encodeHex } from '../../../core/encoding/index.ts';
import type { Digest } from '../../../core/crypto/index.ts';
import { wrapText } from '../../table.ts';
import type { Paper, Tone } from '../../terminal.ts';

export interface FactLine {
  /** Absent where the fact rests on the absence of an event, or is not proven. */
  readonly event?: number | undefined;
  readonly label: string;
  /** Printable. */
  readonly text: string;
  /** A line of its own below. */
  readonly note?: string;
  readonly tone?: Tone;
}

export interface FactGroup {
  readonly title: string;
  readonly lines: readonly FactLine[];
}

export function unproven(label: string, why: string): FactLine {
  return { label, text: `unproven: ${why}`, tone: 'warn' };
}

export function shortDigest({ value }: Digest): string {
  return encodeHex(value).slice(0, 16);
}

const gutter = 8;
const labelWidth = 16;

export function formatGroup(paper: Paper, { title, lines }: FactGroup): string[] {
  return [paper.tone('strong', title), ...lines.flatMap((line) => formatLine(paper, line))];
}

function formatLine(paper: Paper, { event, label, text, note, tone }: FactLine): string[] {
  const width = Math.max(32, paper.columns - gutter - labelWidth);
  const proof = event === undefined ? '' : `#${event}`;
  const [first = '', ...rest] = wrapText(text, width).map((line) =>
    tone === undefined ? line : paper.tone(tone, line),
  );
  const head = `${paper.tone('dim', proof.padStart(gutter - 2))}  ${paper.tone('dim', label.padEnd(labelWidth))}${first}`;
  const notes = note === undefined ? [] : wrapText(note, width);
  return [head.trimEnd(), ...[...rest, ...notes].map((line) => ' '.repeat(gutter + labelWidth) + line)];
}
