// `touchstone audit`: who did what; and for whoever holds a server to its history from outside, with a checkpoint of its audit log and
// the core alone.
import { InvalidArgumentError, type Command } from 'commander';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { encodeKept, openKept } from '../inputs/checkpoint-file.ts';
import { ownKeysText, withExamples, withServer } from '../command-line.ts';
import { connect } from '../connection.ts';
import { misuse } from '../errors.ts';
import {
  checkFresh,
  describeCheckpoint,
  fetchCheckpoint,
  keyText,
  readOwnKeys,
  type KeyOptions,
} from '../inputs/fetch-checkpoint.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import { verifyEntries } from './audit-entries.ts';
import { addAuditListCommand } from './audit-list.ts';
import { exportAudit, type AuditExportOptions } from './audit-export.ts';
import { verifySince, type AuditVerifyOptions } from './audit-verify.ts';

interface CheckpointOptions extends KeyOptions {
  readonly out?: string;
}

interface VerifyOptions extends Partial<AuditVerifyOptions> {
  readonly entries?: string;
}

export function addAuditCommands(program: Command, session: Session): void {
  const group = program
    .command('audit')
    .description(
      'who did what, and when; and hold a server to its audit log: keep a checkpoint, and have it prove later that nothing before was changed',
    );
  addAuditListCommand(group, session);
  addCheckpoint(group, session);
  addExport(group, session);
  addVerify(group, session);
}

function addExport(group: Command, session: Session): void {
  const command = group
    .command('export')
    .description(
      'Keep entries of the audit log with what proves that they are in it: lines of JSON, which `audit verify --entries` reads without the server. ' +
        'Takes a token of an auditor.',
    )
    .option('--out <file>', 'the new file; audit-FIRST-LAST.jsonl unless told')
    .option('--from <sequence>', 'the first entry; 1 unless told', parseSequence)
    .option('--to <sequence>', 'the last entry; the last there is unless told', parseSequence)
    .option('--jwks <file>', ownKeysText)
    .action((options: AuditExportOptions) => answer(session, options, () => exportAudit(session, options)));
  withExamples(
    withServer(command),
    'touchstone audit export',
    'touchstone audit export --from 1200 --to 1900 --out case-4711.jsonl',
  );
}

function parseSequence(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('the number of an entry is expected, 1 or more');
  return Number(text);
}

function addCheckpoint(group: Command, session: Session): void {
  const command = group
    .command('checkpoint')
    .description(
      'Keep what the audit log is now: its size and the root of a tree over it, signed by the server. Keep the file where ' +
        'nobody who runs the server can write. A token of role monitor is enough.',
    )
    .option('--out <file>', 'the new file; audit-SIZE.checkpoint.json unless told')
    .option('--jwks <file>', ownKeysText)
    .action((options: CheckpointOptions) => answer(session, options, () => keepCheckpoint(session, options)));
  withExamples(withServer(command), 'touchstone audit checkpoint', 'touchstone audit checkpoint --out witness.json');
}

function addVerify(group: Command, session: Session): void {
  const command = group
    .command('verify')
    .description(
      'Have the server prove that its audit log still begins with what a kept checkpoint says, and was only appended to since (--since); ' +
        'or prove without any server that entries are one whole stretch of the log that it signed (--entries). ' +
        'Exit status 0: proved; 1: refused, or not to be had: the code says which.',
    )
    .option('--since <file>', 'a kept checkpoint, also that of another witness, or an evidence bundle')
    .option('--entries <file>', 'entries as `audit export` wrote them')
    .option(
      '--update',
      'where proved, FILE is the new checkpoint from then on; where refused, that is kept as FILE.refused',
    )
    .option('--jwks <file>', `${ownKeysText}; no other key counts`)
    .action((options: VerifyOptions) => answer(session, options, () => verify(session, options)));
  withExamples(
    withServer(command),
    'touchstone audit verify --since witness.json',
    'touchstone audit verify --since witness.json --jwks jwks.json --update --json',
    'touchstone audit verify --since case-4711.tar',
    'touchstone audit verify --entries case-4711.jsonl --jwks jwks.json',
  );
}

/** @throws CliError CLI_USAGE_INVALID */
async function verify(session: Session, { since, entries, ...options }: VerifyOptions): Promise<Report> {
  if (since !== undefined && entries === undefined) return verifySince(session, { ...options, since });
  if (entries !== undefined && since === undefined && options.update !== true) {
    return verifyEntries({ ...options, entries });
  }
  const problem = 'either --since, alone or with --update, or --entries';
  throw misuse(problem);
}

async function keepCheckpoint(session: Session, options: CheckpointOptions): Promise<Report> {
  if (options.out !== undefined) requireAbsent(options.out);
  const own = readOwnKeys(options);
  const { kept } = await fetchCheckpoint(connect(session, options), own);
  const opened = await openKept('the checkpoint of the server', kept, own?.keys);
  checkFresh(opened, session.now());
  const file = options.out ?? `audit-${opened.size}.checkpoint.json`;
  writeOutput(file, encodeKept(kept));
  return {
    data: { file, ...describeCheckpoint(opened), trusted: own === undefined ? 'server' : 'own' },
    lines: (paper) =>
      formatFacts(paper, [
        ['log', paper.tone('strong', printable(opened.log))],
        ['entries', `${opened.size}, root ${encodeHex(opened.root)}`],
        [
          'signed',
          `${opened.at.toISOString()} by ${keyText(opened)}${own === undefined ? ', by the word of the server (no --jwks)' : ''}`,
        ],
        ['wrote', `${printable(file)}: touchstone audit verify --since ${printable(file)}`],
      ]),
  };
}
