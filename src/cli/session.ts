// One run of the CLI: where it writes, what time it is, and how a command's answer becomes output and an exit status.
import type { Command } from 'commander';
import { printable } from '../core/encoding/index.ts';
import { toRefusal } from './refusal.ts';
import { encodeReport, formatRefusal, type Report } from './report.ts';
import { createPaper, inLocale, type Environment, type Input, type Output } from './terminal.ts';
import { inTypedWords } from './typed-words.ts';

/** Exit statuses: the answer is yes, the answer is no, the question was not understood. */
export const exitStatus = { accepted: 0, refused: 1, misuse: 2 } as const;

export interface Session {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  now(): Date;
  exitCode: number;
  /** The one that runs. */
  command?: Command;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
}

/** Runs a command and prints its report: one JSON document on stdout, or lines for people. */
export async function answer(
  session: Session,
  options: CommonOptions,
  make: () => Report | Promise<Report>,
): Promise<void> {
  try {
    const report = await make();
    session.exitCode = report.refusal === undefined ? exitStatus.accepted : exitStatus.refused;
    print(session, options, report);
  } catch (error) {
    const { refusal, misuse } = toRefusal(error);
    if (session.env['TOUCHSTONE_DEBUG'] === '1' && error instanceof Error) {
      session.stderr.write(`${printable(error.stack ?? '', 20_000).replaceAll('\\u{a}', '\n')}\n`);
    }
    session.exitCode = misuse ? exitStatus.misuse : exitStatus.refused;
    print(session, options, { data: {}, lines: () => [], refusal: inTypedWords(refusal, session.command) });
  }
}

function print(session: Session, options: CommonOptions, report: Report): void {
  if (report.silent === true) return;
  if (options.json === true) {
    session.stdout.write(`${encodeReport(report)}\n`);
    return;
  }
  const lines = report.lines(createPaper(session.stdout, session.env));
  const say = (text: string): unknown => session.stdout.write(`${inLocale(session.env, text)}\n`);
  if (lines.length > 0) say(lines.join('\n'));
  if (report.refusal !== undefined) {
    session.stderr.write(`${formatRefusal(createPaper(session.stderr, session.env), report.refusal).join('\n')}\n`);
  }
  if (report.ending !== undefined) say(report.ending);
}
