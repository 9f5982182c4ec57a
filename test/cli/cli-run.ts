// Runs the CLI in this process and collects what it prints.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';
import type { Environment } from '../../src/cli/terminal.ts';
import type { TestServer } from '../support/test-server.ts';

export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliWorld {
  readonly env?: Environment;
  readonly now?: () => Date;
  readonly isTTY?: boolean;
  /** What the person at the terminal types; without it nobody sits there. */
  readonly typed?: string;
}

/** A command as somebody types it: its words are what spaces part, and what stands in `${}` is one word, also with spaces in it. */
export function typed(texts: TemplateStringsArray, ...words: readonly string[]): string[] {
  return texts.flatMap((text, index) => {
    const word = words[index];
    return [...text.split(' ').filter((part) => part !== ''), ...(word === undefined ? [] : [word])];
  });
}

/** The world of an operator of this server as it runs now: a start may give it another address. */
export function operatorAt(server: TestServer): CliWorld {
  const env = { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN: server.operatorToken };
  return { env, now: () => server.now() };
}

export async function cli(args: readonly string[], world: CliWorld = {}): Promise<CliRun> {
  const text = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => ({
    columns: 120,
    isTTY: world.isTTY,
    write: (part: string) => void (text[name] += part),
  });
  const stdin = Object.assign(Readable.from([world.typed ?? '']), { isTTY: world.typed !== undefined });
  const status = await runCli(args, {
    stdin,
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env: world.env ?? {},
    now: world.now ?? (() => new Date('2026-11-25T12:00:00Z')),
  });
  return { status, ...text };
}

/** With `--json`, and the document read. */
export async function cliJson(args: readonly string[], world: CliWorld = {}) {
  const run = await cli([...args, '--json'], world);
  return { ...run, document: JSON.parse(run.stdout) as Record<string, unknown> };
}

/** The same of a command that must be accepted: its document. */
export async function cliAccepted(args: readonly string[], world: CliWorld = {}): Promise<Record<string, unknown>> {
  const run = await cliJson(args, world);
  assert.equal(run.status, 0, `${args.join(' ')}: ${run.stdout}${run.stderr}`);
  return run.document;
}
