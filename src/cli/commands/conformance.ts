// `touchstone conformance`: holds Touchstone's reading of other people's captures against what is known of them.
import type { Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { withExamples } from '../command-line.ts';
import { countResults, runVectors, skippedKinds, type CaseResult } from '../conformance/run.ts';
import { openVectors } from '../conformance/vectors.ts';
import { cliErrors } from '../errors.ts';
import { replaceOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { createPaper, type Paper } from '../terminal.ts';

interface ConformanceOptions {
  readonly vectors: string;
  /** A file to write the report to, or true for stdout. */
  readonly json?: string | true;
}

export function addConformanceCommand(program: Command, session: Session): void {
  const command = program
    .command('conformance')
    .summary('read published vectors and compare with what is expected of them')
    .description(
      'Read a folder of vectors (index.json names each file, its kind and what is expected) and compare. Every case ends as ' +
        'pass, fail or skip. A case fails when anything that is expected of the file itself is another; notes, and what other ' +
        'readers made of it, are not compared. ' +
        `Skipped are only kinds that Touchstone does not read yet: ${[...skippedKinds].join(', ')}.`,
    )
    .requiredOption('--vectors <dir>', 'folder with index.json')
    .option('--json [file]', 'write the report as JSON to FILE (or to stdout)')
    .action((options: ConformanceOptions) =>
      answer(session, { json: options.json === true }, () => conform(session, options)),
    );
  withExamples(
    command,
    'touchstone conformance --vectors ../shared/vectors',
    'touchstone conformance --vectors ../shared/vectors --json report.json',
  );
}

async function conform(session: Session, options: ConformanceOptions): Promise<Report> {
  const paper = createPaper(session.stdout, session.env);
  const quiet = options.json === true;
  const results = await runVectors(openVectors(options.vectors), (result) => {
    if (!quiet && result.status === 'fail') session.stdout.write(`${formatResult(paper, result).join('\n')}\n`);
  });
  const counts = countResults(results);
  const document = { passed: counts.pass, failed: counts.fail, skipped: counts.skip, cases: results };
  if (typeof options.json === 'string') replaceOutput(options.json, `${JSON.stringify(document, undefined, 2)}\n`);
  return {
    data: document,
    lines: () => formatKinds(paper, results),
    ending: `${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped`,
    refusal:
      counts.fail === 0
        ? undefined
        : {
            code: 'CLI_CONFORMANCE_FAILED',
            message: `${counts.fail} cases were not observed as expected`,
            remedy: cliErrors.CLI_CONFORMANCE_FAILED.remedy,
          },
  };
}

function formatResult(paper: Paper, { file, status, mismatches }: CaseResult): string[] {
  return [
    `${paper.tone('bad', status)} ${printable(file)}`,
    ...mismatches.slice(0, 8).map(({ field, expected, observed }) => {
      const [left, right] = [expected, observed].map((value) => printable(JSON.stringify(value ?? null), 100));
      return `     ${printable(field)}: expected ${left ?? ''}, observed ${right ?? ''}`;
    }),
  ];
}

function formatKinds(paper: Paper, results: readonly CaseResult[]): string[] {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const { pass, fail, skip } = countResults(results.filter((result) => result.kind === kind));
    if (skip > 0) return `${kind.padEnd(10)} ${paper.tone('warn', `${skip} skipped: this kind is not read yet`)}`;
    return `${kind.padEnd(10)} ${pass} passed${fail === 0 ? '' : `, ${paper.tone('bad', `${fail} failed`)}`}`;
  });
}
