// `touchstone audit`: for whoever holds a server to its history from outside, with a checkpoint of its audit log and the core alone.
import type { Command } from 'commander';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { encodeKept, openKept } from '../checkpoint-file.ts';
import { ownKeysText, withExamples, withServer } from '../command-line.ts';
import { connect } from '../connection.ts';
import {
  checkFresh,
  describeCheckpoint,
  fetchCheckpoint,
  keyText,
  readOwnKeys,
  type KeyOptions,
} from '../fetch-checkpoint.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import { verifySince, type AuditVerifyOptions } from './audit-verify.ts';

interface CheckpointOptions extends KeyOptions {
  readonly out?: string;
}

export function addAuditCommands(program: Command, session: Session): void {
  const group = program
    .command('audit')
    .description(
      'hold a server to its audit log: keep a checkpoint, and have it prove later that nothing before was changed',
    );
  addCheckpoint(group, session);
  addVerify(group, session);
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
      'Have the server prove that its audit log still begins with what a kept checkpoint says, and was only appended to since. ' +
        'Exit status 0: proved; 1: refused, or not to be had: the code says which.',
    )
    .requiredOption('--since <file>', 'a kept checkpoint, also that of another witness, or an evidence bundle')
    .option(
      '--update',
      'where proved, FILE is the new checkpoint from then on; where refused, that is kept as FILE.refused',
    )
    .option('--jwks <file>', `${ownKeysText}; no other key counts`)
    .action((options: AuditVerifyOptions) => answer(session, options, () => verifySince(session, options)));
  withExamples(
    withServer(command),
    'touchstone audit verify --since witness.json',
    'touchstone audit verify --since witness.json --jwks jwks.json --update --json',
    'touchstone audit verify --since case-4711.tar',
  );
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
