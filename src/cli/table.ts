// Tables for people: columns as wide as their widest cell, two spaces between, the last column never padded.
import { stripVTControlCharacters } from 'node:util';
import type { Paper } from './terminal.ts';

const gap = '  ';

/** The lines of a table. Cells may carry colour; an empty table has no lines at all. */
export function formatTable(paper: Paper, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => visibleLength(inOneLine(row[column] ?? '')))),
  );
  return [head.map((title) => paper.tone('dim', title)), ...rows].map((row) => formatRow(row, widths));
}

/** `name  value` lines with the values aligned; undefined values are left out. */
export function formatFacts(paper: Paper, facts: readonly (readonly [string, string | undefined])[]): string[] {
  const present = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${paper.tone('dim', name.padEnd(width))}${gap}${inOneLine(value)}`);
}

/** No cell begins a line of its own, which could look like one that the command says. */
function inOneLine(cell: string): string {
  return cell.replaceAll('\n', '\\u000a');
}

/** `text` broken at spaces so that each line fits `width`; a longer word stays whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return widths
    .map((width, column) => {
      const cell = inOneLine(row[column] ?? '');
      return column === widths.length - 1 ? cell : cell + ' '.repeat(width - visibleLength(cell));
    })
    .join(gap)
    .trimEnd();
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** `0-7, 9`. */
export function formatRanges(pcrs: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const pcr of pcrs) {
    const last = ranges.at(-1);
    if (last?.[1] === pcr - 1) last[1] = pcr;
    else ranges.push([pcr, pcr]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
