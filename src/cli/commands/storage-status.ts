// `touchstone storage status`: how large a store is, how old its history, and what goes next.
import type { Command } from 'commander';
import { counted, printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import type { Report } from '../report.ts';
import { inServerRoom, withData, type ServerRoom } from '../server-room.ts';
import { answer, type CommonOptions, type Session } from '../session.ts';
import { withStatusLine } from '../status-line.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

interface StatusOptions extends CommonOptions {
  readonly data: string;
}

type Status = Awaited<ReturnType<ServerRoom['storageStatus']>>;

export function addStorageStatus(storage: Command, session: Session): void {
  const command = storage
    .command('status')
    .summary('how large the store is, how old its history, and what goes next')
    .description(
      'Look at the store beside the servers that use it, and change nothing: its size and rows, table by table (rows are ' +
        'estimates), the oldest and the newest verdict, what the next sweep drops by `retention` of touchstone.yaml, and ' +
        'when the last one was. Over SQLite the whole file is read once. docs/storage.md says what is kept for how long.',
    )
    .action((options: StatusOptions) => answer(session, options, () => status(session, options)));
  withExamples(
    withJson(withData(command)),
    'touchstone storage status --data /var/lib/touchstone',
    "touchstone storage status --data /var/lib/touchstone --json | jq '.tables[] | select(.bytes > 1e9)'",
  );
}

async function status(session: Session, options: StatusOptions): Promise<Report> {
  const { data } = options;
  const found = await withStatusLine(session, options, ({ nowAndThen }) => {
    const tell = (hosts: number): void => nowAndThen(() => `history of ${counted(hosts, 'host')} looked at so far`);
    return inServerRoom((room) => room.storageStatus(data, session.now(), tell));
  });
  return { data: documentOf(found, data), lines: (paper) => linesOf(paper, found, data, session.now()) };
}

function documentOf(found: Status, data: string): Report['data'] {
  const { freeBytes, history, lastSweep, nextSweepAt, retention, ...whole } = found;
  const { oldest, newest, ...looked } = history;
  return {
    ...whole,
    freeBytes: freeBytes ?? null,
    history: { oldest: timeOf(oldest), newest: timeOf(newest), ...looked },
    retention,
    lastSweep: lastSweep === undefined ? null : {
      begunAt: timeOf(lastSweep.begunAt),
      endedAt: timeOf(lastSweep.endedAt),
      swept: lastSweep.swept,
      total: lastSweep.total,
    },
    nextSweepAt: nextSweepAt.toISOString(),
    backup: backupOf(found, data),
  }; // prettier-ignore
}

function linesOf(paper: Paper, found: Status, data: string, now: Date): string[] {
  const { place, version, schema, bytes, freeBytes, tables, history, retention, lastSweep, nextSweepAt } = found;
  const free = freeBytes === undefined || freeBytes === 0 ? '' : `, ${sizeOf(freeBytes)} of them free for what comes`;
  const filled = tables.filter(({ rows }) => rows > 0);
  const [oldest, newest] = [timeOf(history.oldest), timeOf(history.newest)];
  const due = sweptOf(history.due) ?? 'nothing';
  const isDue = nextSweepAt <= now;
  const looked = history.isComplete ? '' : `, of the first ${counted(history.hosts, 'host')}`;
  return [
    ...formatFacts(paper, [
      ['store', printable(place)],
      ['engine', `${version}, schema ${schema}`],
      ['size', `${sizeOf(bytes)}${free}`],
      ['verdicts', oldest === null ? 'none' : `from ${oldest} to ${newest}${looked}`],
      ['kept', `verdicts ${retention.historyDays} d after their end, what else expired ${retention.expiredHours} h`],
      ['last sweep', describeSweep(lastSweep)],
      ['next sweep', `${isDue ? 'due now' : nextSweepAt.toISOString()}; would drop ${due}${looked}`],
    ]),
    '',
    ...formatTable(paper, ['table', 'kind', 'size', 'rows, about'], filled.map(({ name, bytes: size, rows }) => [name, kinds[name] ?? 'operators', sizeOf(size), String(rows)])), // prettier-ignore
    '',
    `backup: ${printable(backupOf(found, data))}`,
  ];
}

/** What tables are about, beside those with what operators brought. */
const kinds: Readonly<Record<string, string>> = {
  audit: 'audit log',
  hosts: 'hosts',
  tokens: 'tokens',
  endorsement_keys: 'hosts',
  ak_certificates: 'hosts',
  enrolments: 'hosts',
  pending_hosts: 'hosts',
  challenges: 'challenges',
  attestations: 'history',
  verdict_goldens: 'history',
  logs: 'logs',
  lockout_flips: 'servers',
  leases: 'servers',
  deliveries: 'servers',
  meta: 'servers',
};

function describeSweep(last: Status['lastSweep']): string {
  if (last === undefined) return 'none yet';
  const dropped = sweptOf(last.swept) ?? 'nothing';
  const ended = timeOf(last.endedAt);
  if (ended !== null) return `${ended}; dropped ${dropped}`;
  return `under way or interrupted, begun ${timeOf(last.begunAt)}; dropped ${dropped} so far`;
}

function sweptOf({ verdicts, challenges, akCertificates, flips }: Status['history']['due']): string | undefined {
  const counts = [
    [verdicts, 'verdicts'],
    [challenges, 'challenges'],
    [akCertificates, 'certificates of attestation keys'],
    [flips, 'counts of lost trust'],
  ] as const;
  const words = counts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  return words.length === 0 ? undefined : words.join(', ');
}

function backupOf({ engine, place }: Status, data: string): string {
  const files = `with touchstone.yaml and keys/ of ${data}`;
  if (engine === 'postgres') return `pg_dump -Fc --dbname ${place}, or your own base backups with WAL; ${files}`;
  return `sqlite3 ${place} "VACUUM INTO 'BACKUP'", while the server runs; ${files}`;
}

function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

function sizeOf(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}
