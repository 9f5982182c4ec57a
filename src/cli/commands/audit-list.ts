// `touchstone audit list`: who did what, and when: the entries of the audit log that somebody looks for, the newest first.
import { InvalidArgumentError, type Command } from 'commander';
import type { CallOptions, JsonAnswerOf } from '../../api/index.ts';
import { collectList, parseCount, parseDateOption, parseDuration, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { happeningCells, happeningTitles, type Facts } from '../views/happening-view.ts';
import { collectEntries } from '../inputs/audit-look.ts';

type Query = NonNullable<CallOptions<'listAudit'>['query']>;
type Entry = JsonAnswerOf<'listAudit'>['items'][number];

interface ListOptions extends ServerOptions {
  readonly since?: Moment;
  readonly until?: Moment;
  readonly by?: string;
  readonly byPeople?: boolean;
  readonly action?: readonly string[];
  readonly host?: string;
  readonly about?: string;
  readonly limit: number;
  readonly before?: number;
}

/** So long ago, in seconds, or then. */
type Moment = number | Date;

export function addAuditListCommand(group: Command, session: Session): void {
  const command = group
    .command('list')
    .summary('say who did what, and when: the newest entries first')
    .description(
      'Say who did what, and when: entries of the audit log, the newest first. Takes a token of an operator or auditor. ' +
        'The actions: docs/events.md.',
    )
    .option('--since <time>', 'only from then on: 12h or 3d ago, 2026-11-23, or 2026-11-23T22:00:00Z', parseMoment)
    .option('--until <time>', 'only before then, said alike', parseMoment)
    .option(
      '--by <who>',
      'only what this one did: the name of a token, client certificate or host, or the id of a token',
    )
    .option('--by-people', 'leave out what hosts and the server did by themselves')
    .option('--action <action>', 'only this, as host.approved; may be repeated, or several with commas', collectList)
    .option('--host <host>', 'only what is about this host')
    .option('--about <id>', 'only what is about this policy, quarantine, golden measurement, signer, token, ...')
    .option('--limit <entries>', 'at most so many', parseCount, 50)
    .option('--before <entry>', 'only older ones than this: the number in the first column', parseCount)
    .action((options: ListOptions) => answer(session, options, () => listEntries(session, options)));
  withExamples(
    withServer(command),
    'touchstone audit list --since 12h --by-people',
    'touchstone audit list --action host.approved,host.rejected --host hv-17.rack3',
    'touchstone audit list --action host.quarantine-lifted --since 2026-11-23 --json',
    'touchstone audit list --about fleet --action policy.written',
    'touchstone audit list --by ada --limit 200',
  );
}

function parseMoment(text: string): Moment {
  if (/^\d+[smhd]$/.test(text)) return parseDuration(text);
  try {
    return parseDateOption(text);
  } catch {
    throw new InvalidArgumentError('a time such as 12h, 3d, 2026-11-23 or 2026-11-23T10:00:00Z (UTC) is expected');
  }
}

async function listEntries(session: Session, options: ListOptions): Promise<Report> {
  const { limit } = options;
  const query = queryOf(session, options);
  const { items, next, actorNames } = await collectEntries(connect(session, options), query, limit);
  return {
    data: { items, actorNames, ...(next === undefined ? {} : { next }) },
    lines: (paper) => [
      ...(items.length === 0
        ? ['no entry is as asked for']
        : formatTable(
            paper,
            ['entry', ...happeningTitles],
            items.map((entry) => cellsOf(entry, actorNames)),
          )),
      ...(next === undefined ? [] : [paper.tone('dim', `there may be older ones: the same with --before ${next}`)]),
    ],
  };
}

/** @throws CliError CLI_USAGE_INVALID */
function queryOf(session: Session, options: ListOptions): Omit<Query, 'limit' | 'order'> {
  const { since, until, by, byPeople, action, host, about, before } = options;
  if (host !== undefined && about !== undefined) throw misuse('either --host or --about');
  const subject = host ?? about;
  return {
    ...(since === undefined ? {} : { since: timeOf(session, since) }),
    ...(until === undefined ? {} : { until: timeOf(session, until) }),
    ...(by === undefined ? {} : { actor: by }),
    ...(byPeople === undefined ? {} : { byPeople }),
    ...(action === undefined ? {} : { actions: action.join(',') }),
    ...(subject === undefined ? {} : { subject }),
    ...(before === undefined ? {} : { before }),
  };
}

function timeOf(session: Session, moment: Moment): string {
  return (moment instanceof Date ? moment : new Date(session.now().getTime() - moment * 1000)).toISOString();
}

function cellsOf({ sequence, at, actor, action, subject, details }: Entry, names: Readonly<Record<string, string>>) {
  const happening = { place: String(sequence), time: at, kind: action, about: subject, actor };
  return happeningCells({ ...happening, facts: details as Facts }, names);
}
