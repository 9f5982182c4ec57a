// `touchstone demo`: the whole story in a minute, on a software TPM of its own.
import type { Command } from 'commander';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { cliErrors } from '../errors.ts';
import { DemoError } from '../demo/demo-error.ts';
import type { DemoMachine } from '../demo/machine.ts';
import { createPaperMachine } from '../demo/paper-machine.ts';
import { createServerProcess, findFreePort, type ServerProcess } from '../server-process.ts';
import { story, tellStory } from '../demo/story.ts';
import { describeStep, type StepFinding, type StepRecord } from '../demo/step.ts';
import { createSwtpmMachine } from '../demo/swtpm-machine.ts';
import { missingPrograms } from '../demo/swtpm.ts';
import { createOperator, createWorld, hostName } from '../demo/world.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { aborted, untilSignalled } from '../signals.ts';
import { wrapText } from '../table.ts';
import { createPaper, type Paper } from '../terminal.ts';

interface DemoOptions {
  readonly json?: boolean;
  readonly simulated?: boolean;
}

export function addDemoCommand(program: Command, session: Session): void {
  const command = program
    .command('demo')
    .summary('the whole story, on a software TPM of its own')
    .description(
      'Show how a host comes to be trusted, what is refused and why, and that nothing acknowledged is lost. Everything is ' +
        'real and temporary: a fresh software TPM (swtpm) with the measurements of real boots, and a server of its own. ' +
        'In a terminal the server is left running at the end, to play with; Ctrl-C ends it and removes everything.',
    )
    .option('--simulated', 'use a TPM on paper even where swtpm is installed')
    .action((options: DemoOptions) => answer(session, options, () => demonstrate(session, options)));
  withExamples(withJson(command), 'touchstone demo', 'touchstone demo --json');
}

async function demonstrate(session: Session, options: DemoOptions): Promise<Report> {
  const narrator = createNarrator(session, options);
  return untilSignalled(async (signal) => {
    const folder = makeFolder();
    const remove = (): void => {
      if (session.env['TOUCHSTONE_DEMO_KEEP'] !== '1') rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    };
    // A reader that goes away ends the process without a word.
    process.once('exit', remove);
    let machine: DemoMachine | undefined;
    let server: ServerProcess | undefined;
    try {
      machine = await createMachine(session, options, folder);
      narrator.opening(machine.tpm);
      server = createServerProcess(folder, join(folder, 'server'), `http://127.0.0.1:${await findFreePort()}`);
      const operators = [createOperator('ada'), createOperator('grace')];
      const world = createWorld({ folder, machine, server, operators, now: () => session.now() });
      const steps = await tellStory(world, { signal, onBegin: narrator.begin, onStep: narrator.step });
      const ok = steps.length === story.length && steps.every((step) => step.ok);
      const leaveRunning = ok && !signal.aborted && options.json !== true && session.stdout.isTTY === true;
      if (leaveRunning) {
        narrator.whatNext(server.url, folder);
        await aborted(signal);
      }
      return report(machine.tpm, steps, ok);
    } finally {
      await Promise.allSettled([server?.stop(), machine?.close()]);
      process.off('exit', remove);
      remove();
    }
  });
}

/** On a fresh software TPM, or on paper where none can be had: then everything says so. */
async function createMachine(session: Session, options: DemoOptions, folder: string): Promise<DemoMachine> {
  if (options.simulated === true || missingPrograms().length > 0) return createPaperMachine(hostName, session.now());
  try {
    return await createSwtpmMachine(join(folder, 'tpm'), hostName);
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    session.stderr.write(`${printable(error.message)}: going on without a software TPM\n`);
    return createPaperMachine(hostName, session.now());
  }
}

/** Sockets lie in it, whose paths end at 107 bytes: a long temporary folder of the user is passed over. */
function makeFolder(): string {
  return mkdtempSync(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'touchstone-demo-'));
}

function report(tpm: DemoMachine['tpm'], steps: readonly StepRecord[], ok: boolean): Report {
  const failed = steps.filter((step) => !step.ok).map(({ name }) => name);
  const message = failed.length > 0 ? `these steps failed: ${failed.join(', ')}` : 'it was interrupted';
  return {
    data: { tpm, steps: steps.map(describeStep) },
    lines: (paper) => (ok ? ['', paper.tone('good', `all ${steps.length} steps went as the story says`)] : []),
    refusal: ok ? undefined : { code: 'CLI_DEMO_FAILED', message, remedy: cliErrors.CLI_DEMO_FAILED.remedy },
  };
}

interface Narrator {
  readonly opening: (tpm: DemoMachine['tpm']) => void;
  readonly begin: () => void;
  readonly step: (record: StepRecord) => void;
  readonly whatNext: (url: string, folder: string) => void;
}

/** For people on stdout; beside a JSON document, progress goes to stderr. */
function createNarrator(session: Session, { json }: DemoOptions): Narrator {
  const output = json === true ? session.stderr : session.stdout;
  const paper = createPaper(output, session.env);
  const say = (...lines: readonly string[]): void => {
    output.write(`${lines.join('\n')}\n`);
  };
  let number = 0;
  return {
    opening: (tpm) => {
      const words = {
        swtpm: 'a fresh software TPM (swtpm); its PCRs are extended with the digests of real measured boots',
        simulated: 'without a software TPM: evidence is SIMULATED, made on paper with real keys and real boot logs',
      };
      say(paper.tone('strong', 'Touchstone'), ...wrapText(words[tpm], paper.columns), '');
    },
    begin: () => {
      number += 1;
    },
    step: (record) => {
      say(...formatStep(paper, number, record));
    },
    whatNext: (url, folder) => {
      say(...formatNext(paper, url, folder));
    },
  };
}

function formatStep(paper: Paper, number: number, record: StepRecord): string[] {
  const mark = record.ok ? paper.tone('good', 'ok  ') : paper.tone('bad', 'FAIL');
  const place = paper.tone('dim', `${String(number).padStart(2)}/${story.length}`);
  const indent = (text: string, by = 13): string[] =>
    wrapText(text, Math.max(40, paper.columns - by)).map((line) => ' '.repeat(by) + line);
  const findings = (record.findings ?? []).flatMap((finding) => indent(formatFinding(paper, finding)));
  return [
    `${place}  ${mark}  ${paper.tone('strong', record.name)}`,
    ...indent(printable(record.sentence)),
    ...findings,
  ];
}

function formatFinding(paper: Paper, { code, pcr, event, message }: StepFinding): string {
  const place = [pcr === undefined ? '' : `PCR ${pcr}`, event === undefined ? '' : `event ${event}`].filter(Boolean);
  const where = place.length === 0 ? '' : ` (${place.join(', ')})`;
  return `${paper.tone('accent', printable(code))}${where}: ${printable(message)}`;
}

/** A path as a shell takes it for one word. */
function quoteWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function formatNext(paper: Paper, url: string, folder: string): string[] {
  const command = (text: string) => `  ${paper.tone('accent', text)}`;
  return [
    '',
    'The server is still running. In another terminal:',
    command(`export TOUCHSTONE_SERVER=${url} TOUCHSTONE_TOKEN_FILE=${quoteWord(`${folder}/operator.token`)}`),
    command(`npx touchstone host show ${hostName}`),
    command('npx touchstone golden list'),
    command(`npx touchstone admit ${hostName} --workload web`),
    command(
      `npx touchstone inspect event-log ${quoteWord(join(import.meta.dirname, '../demo/captures/sb-on/binary_bios_measurements'))}`,
    ),
    command(
      `npx touchstone verify token ${quoteWord(`${folder}/verdict.jwt`)} --jwks ${quoteWord(`${folder}/jwks.json`)}`,
    ),
    '',
    'Ctrl-C ends the server and removes everything.',
  ];
}
