// `touchstone events`: what happened, and what happens.
import { Option, type Command } from 'commander';
import {
  createOnward,
  mostPagesOfLog,
  nextCursor,
  type ApiClient,
  type CallOptions,
  type components,
  type JsonAnswerOf,
} from '../../api/index.ts';
import { orAborted, pauseUnlessWaited } from '../../controller/index.ts';
import { collectList, collectPair, parseCursor, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { clock, untilSignalled } from '../signals.ts';
import { formatTable } from '../table.ts';
import { happeningCells, happeningTitles } from '../views/happening-view.ts';

type Event = JsonAnswerOf<'listEvents'>['items'][number];
type CloudEvent = components['schemas']['Event'];
type Query = NonNullable<CallOptions<'listEvents'>['query']>;

interface EventsOptions extends ServerOptions {
  readonly since?: number;
  readonly follow?: boolean;
  readonly kind?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly format?: 'cloudevents' | 'ocsf';
}

const waitSeconds = 20;
const pageSize = 1000;

export function addEventsCommand(program: Command, session: Session): void {
  const command = program
    .command('events')
    .description(
      'Print what happened, as others are told of it; with --follow also what happens. The kinds: docs/events.md.',
    )
    .option('--since <cursor>', 'only what happened after this event; the number in the first column', parseCursor)
    .option('--follow', 'go on until interrupted; without --since from now on. With --json one document a line')
    .option('--kind <kind>', 'only this kind; may be repeated, or several with commas', collectList)
    .option('--label <name=value>', 'only events about hosts with this label; may be repeated', collectPair)
    .option('--host <host>', 'only events about this host')
    .addOption(
      new Option(
        '--format <format>',
        'one document a line: CloudEvents, or OCSF for a SIEM. Without it a table for people',
      ).choices(['cloudevents', 'ocsf']),
    )
    .action((options: EventsOptions) =>
      answer(session, options, () => (options.follow === true ? follow(session, options) : print(session, options))),
    );
  withExamples(
    withServer(command),
    'touchstone events --kind verdict.changed,verdict.voided --host hv-17.rack3',
    'touchstone events --follow --since 4711 --json',
    'touchstone events --format ocsf --since 0',
  );
}

function queryOf({ kind, label, host, since, format }: EventsOptions): Query {
  const labels = Object.entries(label ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    limit: pageSize,
    ...(kind === undefined ? {} : { kinds: kind.join(',') }),
    ...(labels.length === 0 ? {} : { labels: labels.join(',') }),
    ...(host === undefined ? {} : { host }),
    ...(since === undefined ? {} : { after: since }),
    ...(format === undefined ? {} : { format }),
  };
}

async function print(session: Session, options: EventsOptions): Promise<Report> {
  const client = connect(session, options);
  const query = queryOf(options);
  const items: Event[] = [];
  const names: Record<string, string> = {};
  let page: JsonAnswerOf<'listEvents'>;
  let next = options.since;
  const onward = createOnward<number>({ most: mostPagesOfLog });
  do {
    page = await client.call('listEvents', { query: { ...query, ...(next === undefined ? {} : { after: next }) } });
    items.push(...page.items);
    Object.assign(names, page.actorNames);
    next = nextCursor(next, page);
    if (!page.end) onward(next);
  } while (!page.end);
  return {
    data: { items, next, actorNames: names },
    lines: (paper) => {
      if (options.format !== undefined) return items.map((item) => JSON.stringify(item));
      const rows = (items as CloudEvent[]).map(cellsOf);
      return rows.length === 0 ? ['nothing happened'] : formatTable(paper, ['cursor', ...happeningTitles], rows);
    },
  };
}

/** Waits for one page after the other; what is printed is on paper at once. */
async function follow(session: Session, options: EventsOptions): Promise<Report> {
  const client = connect(session, options);
  const query = { ...queryOf(options), wait: waitSeconds };
  const isDocument = options.json === true || options.format !== undefined;
  await untilSignalled(async (signal) => {
    let after = options.since;
    void warnBeyond(session, client, after);
    while (!signal.aborted) {
      const askedAt = clock.monotonic();
      const asked = client.call('listEvents', { query: { ...query, ...(after === undefined ? {} : { after }) } });
      // Whoever interrupts does not wait for the answer.
      const page = await orAborted(asked, signal);
      if (page === undefined) return;
      after = nextCursor(after, page);
      if (page.items.length === 0) await pauseUnlessWaited(askedAt, clock, signal);
      for (const event of page.items) {
        session.stdout.write(`${isDocument ? JSON.stringify(event) : cellsOf(event as CloudEvent).join('  ')}\n`);
      }
    }
  });
  client.close();
  return { data: {}, lines: () => [], silent: true };
}

/** Whoever follows from beyond the end hears nothing, and might take it for quiet. What fails here fails for the follower too, who says so. */
async function warnBeyond(session: Session, client: ApiClient, since: number | undefined): Promise<void> {
  if (since === undefined) return;
  // Without a cursor it is the end from which is waited.
  const query = { wait: 1, limit: 1 };
  const end = await client.call('listEvents', { query }).catch(() => undefined);
  if (end === undefined || end.next >= since) return;
  session.stderr.write(
    `the last event is ${end.next}, and ${since} is still to come: a cursor of another server, or of before a backup was restored?\n`,
  );
}

function cellsOf(event: CloudEvent): string[] {
  const { id, time, type, subject, data } = event;
  // The name is told with the actor.
  const { actor, actorName, ...facts } = data;
  const happening = {
    place: id,
    time,
    kind: type.replace('dev.touchstone.', ''),
    about: subject,
    actor: String(actor),
  };
  return happeningCells({ ...happening, facts }, typeof actorName === 'string' ? { [String(actor)]: actorName } : {});
}
