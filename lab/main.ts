// `npm run lab`: boots real guests under QEMU, and holds what the server says of them to what it should say.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { LabError } from './lab-error.ts';
import { openLab, type Lab } from './lab.ts';
import { scenarios } from './scenarios.ts';
import type { Outcome, Scenario } from './scenario.ts';

const usage = `npm run lab -- [options]

  --only NAME   only this scenario, and what it rests on (may be repeated)
  --list        names and titles of the scenarios
  --keep        leave the run's folder (disks, logs, TPM state) for inspection
  --json        one JSON document on stdout; progress on stderr
  --help        this text

Exit status: 0 every scenario passed, 1 one failed, 2 not understood.`;

interface Record extends Partial<Outcome> {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly failure?: string;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') return misuse(options);
  if (options.help === true) return say(process.stdout, usage, 0);
  if (options.list === true)
    return say(process.stdout, scenarios.map(({ name, title }) => `${name.padEnd(26)}${title}`).join('\n'), 0);
  const only = options.only ?? [];
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) return misuse(`no scenario is called ${unknown.join(', ')}; --list shows all`);
  const chosen = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
  endOnSignals();
  const output = options.json === true ? process.stderr : process.stdout;
  const records = await runAll(chosen, options.keep === true, (line) => void output.write(line));
  const failed = records.filter(({ ok }) => !ok).length;
  const summary = { passed: records.length - failed, failed, skipped: scenarios.length - records.length };
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ ok: failed === 0, ...summary, scenarios: records }, undefined, 2)}\n`);
  return say(
    output,
    `${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`,
    failed === 0 ? 0 : 1,
  );
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        keep: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Prints each scenario's name when it begins, and how it ended when it has. */
async function runAll(
  chosen: readonly Scenario[],
  keep: boolean,
  print: (text: string) => void,
): Promise<readonly Record[]> {
  const records: Record[] = [];
  print('preparing disks and the server … ');
  const began = Date.now();
  const lab = await openLab({ keep });
  print(`${secondsSince(began)} s\n`);
  try {
    for (const scenario of chosen) {
      print(`${scenario.name.padEnd(26)}${scenario.title} … `);
      const record = await runOne(lab, scenario);
      const said = [record.status, ...(record.codes ?? [])].join(' ');
      print(
        record.ok ? `ok, ${record.seconds} s: ${said}\n` : `FAILED, ${record.seconds} s\n${record.failure ?? ''}\n`,
      );
      records.push(record);
    }
  } finally {
    if (keep) print(`kept: ${lab.folder}\n`);
    await lab.close();
  }
  return records;
}

async function runOne(lab: Lab, scenario: Scenario): Promise<Record> {
  const { name, title } = scenario;
  const began = Date.now();
  try {
    const outcome = await scenario.run(lab);
    return { name, title, ok: true, seconds: secondsSince(began), ...outcome };
  } catch (error) {
    return { name, title, ok: false, seconds: secondsSince(began), failure: describe(error) };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncause: ${describe(error.cause)}`;
  return `${error instanceof LabError ? error.message : (error.stack ?? error.message)}${cause}`;
}

function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 1000);
}

/** Machines, TPMs and the server end with this process, however it ends. */
function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}

function misuse(message: string): number {
  return say(process.stderr, `${message}\n\n${usage}`, 2);
}

function say(output: NodeJS.WriteStream, text: string, status: number): number {
  output.write(`${text}\n`);
  return status;
}
