// Runs the CLI in this process and collects what it prints.
import { runCli } from '../../src/cli/program.ts';
import type { Environment } from '../../src/cli/terminal.ts';

export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliWorld {
  readonly env?: Environment;
  readonly now?: () => Date;
  readonly isTTY?: boolean;
}

export async function cli(args: readonly string[], world: CliWorld = {}): Promise<CliRun> {
  const text = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => ({
    columns: 120,
    isTTY: world.isTTY,
    write: (part: string) => void (text[name] += part),
  });
  const status = await runCli(args, {
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
