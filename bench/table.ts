// The rows for people.
import type { FleetMemory } from './http/large-fleet.ts';
import type { Row } from './row.ts';

const headings = ['', 'floor µs', 'product µs', 'ratio', 'spread', 'target', 'runs', ''];

export function renderTable(rows: readonly Row[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  return cells.map((line) => `${line.map(pad).join('  ').trimEnd()}\n`).join('');
}

export function renderMemory(memory: readonly FleetMemory[]): string {
  return memory
    .map(({ hosts, peak_bytes, data_bytes }) => {
      const [peak, data] = [peak_bytes, data_bytes].map((bytes) => `${Math.round(bytes / 2 ** 20)} MiB`);
      return `server of ${hosts.toLocaleString('en')} hosts: ${peak} of memory at most, ${data} on disk\n`;
    })
    .join('');
}

function cellsOf({ name, floor_us, product_us, ratio, spread, target, runs }: Row): readonly string[] {
  const verdict = ratio <= target ? 'reached' : 'not reached';
  const times = [floor_us.toFixed(1), product_us.toFixed(1), ratio.toFixed(2)];
  return [
    name,
    ...times,
    `${spread[0].toFixed(2)} to ${spread[1].toFixed(2)}`,
    target.toFixed(2),
    String(runs),
    verdict,
  ];
}
