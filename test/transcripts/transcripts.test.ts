// CLI sessions as text: each `*.txt` holds command lines and what they print, standard output and error together, followed by
// `[exit N]` when N is not 0. `{tmp}` stands for a folder of the session's own. Written anew by UPDATE_TRANSCRIPTS=1.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';

const folder = import.meta.dirname;
const prompt = '$ touchstone ';

interface Exchange {
  /** Comments and blank lines before the command. */
  readonly before: string;
  readonly command: string;
  readonly output: string;
}

describe('transcripts of the CLI', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
    it(`${name.replace(/\.txt$/, '').replaceAll('-', ' ')}: prints what the transcript shows`, async () => {
      const path = join(folder, name);
      const exchanges = parse(readFileSync(path, 'utf8'));
      assert.ok(exchanges.length > 0, `${name} has no commands`);
      const tmp = mkdtempSync(join(tmpdir(), 'touchstone-transcript-'));
      try {
        const replayed: Exchange[] = [];
        for (const exchange of exchanges) replayed.push({ ...exchange, output: await play(exchange.command, tmp) });
        if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(path, format(replayed));
        else assert.equal(format(replayed), readFileSync(path, 'utf8'));
      } finally {
        rmSync(tmp, { recursive: true, force: true });
      }
    });
  }
});

async function play(command: string, tmp: string): Promise<string> {
  let output = '';
  const collect = { columns: 120, write: (text: string) => void (output += text) };
  const args = command
    .replaceAll('{tmp}', tmp)
    .split(' ')
    .map((word) => word.replace(/^'(.*)'$/, '$1'));
  const status = await runCli(args, {
    stdin: Readable.from([]),
    stdout: collect,
    stderr: collect,
    env: {},
    now: () => new Date('2026-11-25T12:00:00Z'),
  });
  const shown = output.replaceAll(tmp, '{tmp}').replace(/\n+$/, '\n');
  return status === 0 ? shown : `${shown}[exit ${status}]\n`;
}

function parse(text: string): Exchange[] {
  const [head = '', ...rest] = text.split(`\n${prompt}`);
  const blocks = head.startsWith(prompt) ? [`\n${head}`.slice(prompt.length + 1), ...rest] : rest;
  let before = head.startsWith(prompt) ? '' : `${head}\n`;
  return blocks.map((block) => {
    const [command = '', ...lines] = block.split('\n');
    // Comment lines at the end belong to the next command.
    let end = lines.length;
    while (end > 0 && /^(#.*)?$/.test(lines[end - 1] ?? '')) end -= 1;
    const exchange = { before, command, output: lines.slice(0, end).join('\n') };
    before = lines
      .slice(end)
      .map((line) => `${line}\n`)
      .join('');
    return exchange;
  });
}

function format(exchanges: readonly Exchange[]): string {
  return exchanges
    .map(({ before, command, output }, index) => {
      const gap = index === 0 ? before : before.trim() === '' ? '\n' : `\n${before.replace(/^\n+/, '')}`;
      return `${gap}${prompt}${command}\n${output}`;
    })
    .join('');
}
