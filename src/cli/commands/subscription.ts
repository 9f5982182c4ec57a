// `touchstone subscription`: who is told of events, by webhook or syslog.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { actorText } from '../views/actor-text.ts';
import { collectList, collectPair, parseCursor, withExamples, withServer } from '../command-line.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { cliErrors } from '../errors.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

type Subscription = JsonAnswerOf<'getSubscription'>;

interface AddOptions extends ServerOptions {
  readonly kind?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly batch?: boolean;
  readonly format?: Subscription['format'];
  readonly after?: number;
}

export function addSubscriptionCommands(program: Command, session: Session): void {
  const subscription = program
    .command('subscription')
    .description('receivers that are told of events, by webhook or syslog');
  addAdd(subscription, session);
  withExamples(
    withServer(
      subscription
        .command('list')
        .description('List the subscriptions, and how far each has come.')
        .action((options: ServerOptions) => answer(session, options, () => listSubscriptions(session, options))),
    ),
    'touchstone subscription list',
  );
  addOne(subscription, session, {
    name: 'show',
    description: 'Show one subscription: what it selects, its cursor, and why its last delivery failed.',
    run: showSubscription,
  });
  addOne(subscription, session, {
    name: 'test',
    description: 'Send the receiver one event that tells of nothing, now. Exit status 1: it did not acknowledge.',
    run: testSubscription,
  });
  addReplay(subscription, session);
  addOne(subscription, session, {
    name: 'remove',
    description: 'Tell a receiver nothing more.',
    run: removeSubscription,
  });
}

function addAdd(subscription: Command, session: Session): void {
  const command = subscription
    .command('add')
    .description(
      'Tell a receiver of events from now on. The configuration must list it: the host of a webhook in `events.webhookHosts`, a receiver of syslog in `events.syslog.receivers`. A webhook must permit it.',
    )
    .argument('<url>', 'https://…, or syslog+tls://HOST:PORT (also syslog+tcp, syslog+udp)')
    .option(
      '--kind <kind>',
      'only this kind of event (docs/events.md); may be repeated, or several with commas',
      collectList,
    )
    .option('--label <name=value>', 'only events about hosts with this label; may be repeated', collectPair)
    .option('--batch', 'several events in one request of a webhook')
    .addOption(
      new Option(
        '--format <format>',
        'what events are told as; CloudEvents by webhook and a line of text by syslog, unless told',
      ).choices(['cloudevents', 'ocsf', 'text']),
    )
    .option('--after <cursor>', 'also what happened after this cursor; 0 for everything', parseCursor)
    .action((url: string, options: AddOptions) =>
      answer(session, options, () => addSubscription(session, url, options)),
    );
  withExamples(
    withServer(command),
    'touchstone subscription add https://orchestrator.example/touchstone --kind verdict.changed,verdict.voided',
    'touchstone subscription add https://siem.example/in --batch --format ocsf --after 0',
    'touchstone subscription add syslog+tls://siem.example:6514 --after 0',
  );
}

function addReplay(subscription: Command, session: Session): void {
  const command = subscription
    .command('replay')
    .description('Deliver again from a cursor, or on from where it stopped. Ends a pause.')
    .argument('<subscription>', 'id of the subscription', parseId)
    .option('--after <cursor>', 'the last event that need not come again', parseCursor)
    .action((id: string, options: ServerOptions & { readonly after?: number }) =>
      answer(session, options, () => replaySubscription(session, id, options)),
    );
  withExamples(withServer(command), 'touchstone subscription replay sub_7Y1bL0Qm2cTtW3xS --after 4711');
}

interface OneCommand {
  readonly name: string;
  readonly description: string;
  readonly run: (session: Session, id: string, options: ServerOptions) => Promise<Report>;
}

function addOne(subscription: Command, session: Session, { name, description, run }: OneCommand): void {
  const command = subscription
    .command(name)
    .description(description)
    .argument('<subscription>', 'id of the subscription', parseId)
    .action((id: string, options: ServerOptions) => answer(session, options, () => run(session, id, options)));
  withExamples(withServer(command), `touchstone subscription ${name} sub_7Y1bL0Qm2cTtW3xS`);
}

function parseId(text: string): string {
  if (!/^sub_[A-Za-z0-9_-]{16}$/.test(text)) throw new InvalidArgumentError('sub_ and 16 characters are expected');
  return text;
}

async function addSubscription(
  session: Session,
  url: string,
  { kind, label, batch, format, after, ...options }: AddOptions,
): Promise<Report> {
  // The server knows the kinds, and refuses others.
  const kinds = kind as RequestBody<'createSubscription'>['kinds'];
  const subscription = await connect(session, options).call('createSubscription', {
    body: {
      url,
      ...(kinds === undefined ? {} : { kinds }),
      ...(label === undefined ? {} : { labels: label }),
      ...(batch === undefined ? {} : { batch }),
      ...(format === undefined ? {} : { format }),
      ...(after === undefined ? {} : { after }),
    },
  });
  return {
    data: { subscription },
    lines: () => [
      `${subscription.id} is told of events after ${subscription.cursor}`,
      ...(url.startsWith('syslog')
        ? []
        : [`receivers check that \`touchstone-signature\` was made for ${subscription.id} (docs/events.md)`]),
    ],
  };
}

async function listSubscriptions(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listSubscriptions', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['nobody is told of events']
        : formatTable(
            paper,
            ['id', 'state', 'cursor', 'behind', 'receiver', 'kinds'],
            items.map((one) => [
              one.id,
              stateOf(paper, one),
              String(one.cursor),
              String(one.behind),
              printable(one.url),
              one.kinds.join(' ') || 'all',
            ]),
          ),
  };
}

async function showSubscription(session: Session, id: string, options: ServerOptions): Promise<Report> {
  const path = { subscriptionId: id };
  const subscription = await connect(session, options).call('getSubscription', { path });
  return { data: { subscription }, lines: (paper) => formatSubscription(paper, subscription) };
}

async function testSubscription(session: Session, id: string, options: ServerOptions): Promise<Report> {
  const path = { subscriptionId: id };
  const { acknowledged, failure } = await connect(session, options).call('testSubscription', { path });
  const message = `the receiver did not acknowledge: ${printable(failure ?? 'no reason')}`;
  return {
    data: { acknowledged, ...(failure === undefined ? {} : { failure }) },
    lines: () => (acknowledged ? ['the receiver acknowledged the test'] : []),
    refusal: acknowledged
      ? undefined
      : { code: 'CLI_EVENT_UNACKNOWLEDGED', message, remedy: cliErrors.CLI_EVENT_UNACKNOWLEDGED.remedy },
  };
}

async function replaySubscription(
  session: Session,
  id: string,
  { after, ...options }: ServerOptions & { readonly after?: number },
): Promise<Report> {
  const subscription = await connect(session, options).call('replaySubscription', {
    path: { subscriptionId: id },
    body: after === undefined ? {} : { after },
  });
  return { data: { subscription }, lines: () => [`${id} goes on after ${subscription.cursor}`] };
}

async function removeSubscription(session: Session, id: string, options: ServerOptions): Promise<Report> {
  await connect(session, options).call('removeSubscription', { path: { subscriptionId: id } });
  return { data: { removed: id }, lines: () => [`${id} is told nothing more`] };
}

function stateOf(paper: Paper, { state }: Subscription): string {
  return paper.tone(state === 'active' ? 'good' : state === 'failing' ? 'warn' : 'bad', state);
}

function formatSubscription(paper: Paper, one: Subscription): string[] {
  const labels = Object.entries(one.labels).map(([name, value]) => `${name}=${value}`);
  return formatFacts(paper, [
    ['subscription', one.id],
    ['receiver', printable(one.url)],
    ['state', stateOf(paper, one)],
    ['cursor', `${one.cursor}, ${counted(one.behind, 'entry', 'entries')} of the audit log behind`],
    ['kinds', one.kinds.join(' ') || 'all'],
    ['labels', labels.length === 0 ? undefined : printable(labels.join(' '))],
    ['format', one.format],
    ['form', one.batch ? 'several events in one request' : 'one event in one request'],
    ['rate', one.ratePerMinute === undefined ? undefined : `${one.ratePerMinute} requests a minute`],
    ['since', `${one.createdAt}, by ${actorText(one.createdBy, one.createdByName)}`],
    ['failing since', one.failingSince],
    ['failure', one.failure && printable(one.failure)],
    ['paused', one.pausedAt],
  ]);
}
