// `touchstone storage`: the database of a server.
import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { misuse } from '../errors.ts';
import { postgresFilesOf, withPostgresFiles, type PostgresFileOptions } from '../inputs/postgres-files.ts';
import type { Report } from '../report.ts';
import { inServerRoom } from '../server-room.ts';
import { answer, type CommonOptions, type Session } from '../session.ts';
import { withStatusLine } from '../status-line.ts';
import { formatTable } from '../table.ts';
import { addStorageStatus } from './storage-status.ts';

interface MigrateOptions extends CommonOptions, PostgresFileOptions {
  readonly from: string;
  readonly to: string;
  readonly dryRun?: boolean;
}

export function addStorageCommands(program: Command, session: Session): void {
  const storage = program.command('storage').description('the database of a server: look at it, move it');
  addStorageStatus(storage, session);
  const command = storage
    .command('migrate')
    .summary('move everything from SQLite to PostgreSQL, or back')
    .description(
      'Copy the whole store of stopped servers into a database that is empty, read every row back and compare it. All of it ' +
        'is there afterwards, or nothing: when it was interrupted, run it again. The source stays as it is. Keys and ' +
        'touchstone.yaml are files of the data directory and stay where they are: set `storage` there afterwards.',
    )
    .requiredOption('--from <place>', 'sqlite:DIR (a data directory) or postgres://user@host/database', parsePlace)
    .requiredOption('--to <place>', 'the other kind of place; it is empty before', parsePlace)
    .option('--dry-run', 'look at both ends, read everything and write nothing')
    .action((options: MigrateOptions) => answer(session, options, () => migrate(session, options)));
  withExamples(
    withJson(withPostgresFiles(command)),
    'touchstone storage migrate --from sqlite:/var/lib/touchstone --to postgres://touchstone@db.example/touchstone',
    '    --postgres-password-file /etc/touchstone-db/password --dry-run',
    'touchstone storage migrate --from postgres://touchstone@db.example/touchstone --to sqlite:/var/lib/touchstone',
  );
}

function parsePlace(text: string): string {
  if (/^(?:sqlite:.|postgres(?:ql)?:\/\/.)/.test(text)) return text;
  throw new InvalidArgumentError('sqlite:DIR or postgres://user@host/database is expected');
}

async function migrate(session: Session, options: MigrateOptions): Promise<Report> {
  const { from, to, dryRun = false } = options;
  if (from.startsWith('sqlite:') === to.startsWith('sqlite:')) {
    throw misuse('one of --from and --to is sqlite:DIR, the other a postgres:// URL');
  }
  const files = postgresFilesOf(options);
  const tables = await withStatusLine(session, options, ({ nowAndThen }) =>
    inServerRoom((room) =>
      room.moveStorage({
        from: room.moveEndOf(from, files),
        to: room.moveEndOf(to, files),
        isRehearsal: dryRun,
        tell: ({ step, table, done, of }) =>
          nowAndThen(() => `${step} ${table}: ${done} of ${of} rows (${percent(done, of)} %)`),
      }),
    ),
  );
  return reportOf({ from, to, dryRun, tables });
}

function percent(done: number, of: number): number {
  return of === 0 ? 100 : Math.floor((100 * done) / of);
}

interface Moved {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

function reportOf({ from, to, dryRun, tables }: Moved): Report {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const filled = tables.filter((table) => table.rows > 0);
  return {
    data: { from, to, dryRun, rows, tables },
    lines: (paper) => [
      ...formatTable(paper, ['table', 'rows', 'sha256'], filled.map((one) => [one.name, String(one.rows), one.sha256])), // prettier-ignore
      '',
      dryRun
        ? `${paper.tone('good', 'would move')} ${rows} rows; the audit log and every log were verified, nothing was written`
        : `${paper.tone('good', 'moved')} ${rows} rows; each was read back and is the same, the audit log and every log were verified`,
      ...(dryRun ? [] : next(from, to).map((line) => printable(line))),
    ],
  };
}

function next(from: string, to: string): readonly string[] {
  const storage = to.startsWith('sqlite:') ? 'sqlite' : to;
  const old = from.startsWith('sqlite:') ? `${from.slice('sqlite:'.length)}/touchstone.db` : from;
  return [
    `next: set \`storage: ${storage}\` in touchstone.yaml, then touchstone server doctor, then touchstone server start`,
    `      put ${old} away: a server that starts on it again would not know what happened since`,
  ];
}
