// `npm run lab`: boots real guests under QEMU, and holds what the server says of them to what it should say.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { LabError } from './lab-error.ts';
import { openLab } from './lab.ts';
import { readOptions, usage, type Options } from './options.ts';
import { createRecorder } from './recorder.ts';
import { checkSameProvenance, describeProvenance } from './retake.ts';
import { describeFailure, runScenarios, type ScenarioRecord } from './run.ts';
import { scenarios } from './scenarios.ts';

/** Machines, TPMs and the server end with this process, however it ends. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 2;
  }
  if (options.show !== undefined) {
    process.stdout.write(`${options.show}\n`);
    return 0;
  }
  const output = options.json ? process.stderr : process.stdout;
  try {
    ensurePrograms();
    return report(await run(options, (text) => output.write(text)), options);
  } catch (error) {
    const failure = describeFailure(error);
    process.stderr.write(`\n${failure}\n`);
    if (options.json) printJson({ ok: false, failure });
    return 1;
  }
}

/** Installed as root on Debian and Ubuntu; otherwise named, with the line to type. */
function ensurePrograms(): void {
  const script = fileURLToPath(new URL('../scripts/ensure-system.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, '--lab'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new LabError('The lab cannot run without these programs.');
}

function printJson(document: object): void {
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}

async function run(options: Options, print: (text: string) => void): Promise<readonly ScenarioRecord[]> {
  const recorder = createRecorder();
  print('making disks and a server …\n');
  const lab = await openLab({ keep: options.keep, recorder });
  const { chosen, retake } = options;
  try {
    const readme = await describeProvenance(lab.parts, new Date());
    const untold = scenarios.filter((scenario) => !chosen.includes(scenario)).map(({ name }) => name);
    if (retake !== undefined && untold.length > 0) checkSameProvenance(retake, readme);
    const records = await runScenarios(lab, chosen, { recorder, print });
    if (retake !== undefined && records.every(({ ok }) => ok)) {
      recorder.write(retake, readme, (name) => untold.includes(name));
      print(`retaken: ${retake}\n`);
    }
    return records;
  } finally {
    if (options.keep) print(`kept: ${lab.folder}\n`);
    await lab.close();
  }
}

function report(records: readonly ScenarioRecord[], { json }: Options): number {
  const failed = records.filter(({ ok }) => !ok).length;
  const figures = { passed: records.length - failed, failed, skipped: scenarios.length - records.length };
  const document = { ok: failed === 0, ...figures, scenarios: records };
  if (json) printJson(document);
  const line = `${figures.passed} passed, ${figures.failed} failed, ${figures.skipped} skipped`;
  (json ? process.stderr : process.stdout).write(`${line}\n`);
  return failed === 0 ? 0 : 1;
}
