// `touchstone quarantine`: set hosts aside at once, whatever they attest.
import { InvalidArgumentError, type Command } from 'commander';
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { counted, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import {
  collectList,
  collectPair,
  gateQuery,
  parseDuration,
  withConsent,
  withExamples,
  withInclusion,
  withServer,
} from '../command-line.ts';
import { askAfterChange } from '../changes/after-change.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import { actorText } from '../views/actor-text.ts';
import { askAtTerminal, isAttended, type ConsentOptions } from '../changes/confirm.ts';
import { unlessUntold } from '../changes/preview.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { CliError, misuse } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import { nameGround } from '../views/ground-view.ts';
import type { Report } from '../report.ts';
import { describeHosts, hasSelector, nameSelector, selectorOf, type SelectorOptions } from './quarantine-selector.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatStatus } from '../views/verdict-view.ts';

type Quarantine = JsonAnswerOf<'createQuarantine'>;
type Preview = JsonAnswerOf<'previewQuarantine'>;

const shownNames = 8;
const whereNames = '`touchstone host list` has the names';

interface OpenOptions extends ServerOptions, SelectorOptions, ConsentOptions {
  readonly reason: string;
  readonly for?: number;
  readonly dryRun?: boolean;
  readonly includeProtected?: boolean;
}

interface LiftOptions extends ServerOptions, SelectorOptions, ConsentOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
}

export function addQuarantineCommands(program: Command, session: Session): void {
  const quarantine = program.command('quarantine').description('hosts that operators have set aside');
  addOpen(quarantine, session);
  addList(quarantine, session);
  addLift(quarantine, session);
}

function addOpen(quarantine: Command, session: Session): void {
  const command = quarantine
    .command('open')
    .description(
      'Stop trusting hosts at once, by name or by label, also those that get the label later. At a terminal it shows first whom, and asks.',
    )
    .option('--host <host>', 'a host; may be repeated', collectList)
    .option('--label <name=value>', 'hosts with this label; with several, hosts that have them all', collectPair)
    .option('--all-hosts', 'every host there is')
    .requiredOption('--reason <text>', 'why: it stands in every denial and in the audit log')
    .option('--for <time>', 'when it ends by itself, e.g. 2h; without it, when it is lifted', parseDuration)
    .option('--dry-run', 'say whom it would set aside and whose verdicts would no longer count, and change nothing')
    .action((options: OpenOptions) => answer(session, options, () => openQuarantine(session, options)));
  withExamples(
    withServer(withConsent(withInclusion(command))),
    'touchstone quarantine open --host hv-17.rack3 --reason "ticket 4711"',
    'touchstone quarantine open --label rack=3 --reason "CVE-2026-12345 is being exploited" --for 1d --yes',
    'touchstone quarantine open --label rack=3 --reason "CVE-2026-12345" --for 2h --dry-run',
  );
}

function addList(quarantine: Command, session: Session): void {
  withExamples(
    withServer(
      quarantine
        .command('list')
        .description('List the quarantines, in force and past.')
        .action((options: ServerOptions) => answer(session, options, () => listQuarantines(session, options))),
    ),
    'touchstone quarantine list',
  );
}

function addLift(quarantine: Command, session: Session): void {
  const command = quarantine
    .command('lift')
    .description(
      'End a quarantine, or those that were opened for just these hosts. The latest verdicts of the hosts count again. At a terminal it shows first whose, and asks.',
    )
    .argument('[quarantine]', 'id of the quarantine', parseId)
    .option('--host <host>', 'in the place of an id: opened for this host; may be repeated', collectList)
    .option('--label <name=value>', 'in the place of an id: opened for this label', collectPair)
    .option('--all-hosts', 'in the place of an id: opened for every host')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .option('--dry-run', 'say whose verdicts would count again, and change nothing')
    .action((id: string | undefined, options: LiftOptions) =>
      answer(session, options, () => (id === undefined ? liftGroup(session, options) : liftOne(session, id, options))),
    );
  withExamples(
    withServer(withConsent(command)),
    'touchstone quarantine lift qua_7Y1bL0Qm2cTtW3xS --reason "patched, ticket 4711"',
    'touchstone quarantine lift --label rack=3 --reason "patched, ticket 4711"',
  );
}

function parseId(text: string): string {
  if (!/^qua_[A-Za-z0-9_-]{16}$/.test(text)) throw new InvalidArgumentError('qua_ and 16 characters are expected');
  return text;
}

async function openQuarantine(session: Session, options: OpenOptions): Promise<Report> {
  if (options.dryRun === true) return previewQuarantine(session, options);
  const client = connect(session, options);
  const hosts = selectorOf(options);
  await askAtTerminal(session, options, {
    lines: () => describeOpening(session, client, hosts),
    question: 'set them aside?',
  });
  const lines = client.callLines('createQuarantine', {
    query: gateQuery(options),
    body: {
      hosts,
      reason: options.reason,
      ...(options.for === undefined ? {} : { expiresInSeconds: options.for }),
    },
  });
  const quarantine = await followLines(session, { json: options.json }, lines);
  const { id, selected = 0 } = quarantine;
  const isWhole = hosts.names === undefined || hosts.names.length === selected;
  const preview = isWhole ? undefined : await askAfterChange(client.call('previewQuarantine', { body: { hosts } }));
  const idle = preview === undefined ? [] : idleNames(hosts, preview);
  return {
    data: { quarantine, ...(idle.length === 0 ? {} : { idle }) },
    lines: (paper) => [
      `${id} is in force: ${counted(selected, 'host')} now, ${endOf(quarantine)}`,
      ...describeIdle(paper, idle),
    ],
  };
}

/** Names that no active host has: typed wrong, perhaps. None where the server did not name all hosts. */
function idleNames({ names = [] }: Quarantine['hosts'], { selected, items }: Preview): readonly string[] {
  if (selected > items.length) return [];
  const active = new Set(items.map(({ host }) => host));
  return names.filter((name) => !active.has(name));
}

function describeIdle(paper: Paper, idle: readonly string[]): string[] {
  if (idle.length === 0) return [];
  const names = nameSome(idle, shownNames);
  return [paper.tone('warn', `no active host is called ${names}: ${whereNames}`)];
}

async function listQuarantines(session: Session, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const items = await readAllPages((query) => client.call('listQuarantines', { query }));
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no host was ever in quarantine']
        : formatTable(
            paper,
            ['id', 'state', 'hosts', 'since', 'by', 'end', 'reason'],
            items.map((one) => [
              one.id,
              paper.tone(one.state === 'in-force' ? 'bad' : 'dim', one.state),
              printable(describeHosts(one.hosts)),
              one.createdAt,
              actorText(one.createdBy, one.createdByName),
              one.lifted?.at ?? one.until ?? 'when lifted',
              printableAgain(one.reason),
            ]),
          ),
  };
}

async function previewQuarantine(session: Session, options: OpenOptions): Promise<Report> {
  const hosts = selectorOf(options);
  const preview = await askPreview(session, connect(session, options), { hosts, json: options.json });
  const idle = idleNames(hosts, preview);
  return {
    data: { preview, ...(idle.length === 0 ? {} : { idle }) },
    lines: (paper) => [`${wouldSetAside(preview)}; nothing was changed`, ...formatOpening(paper, hosts, preview)],
  };
}

function askPreview(
  session: Session,
  client: ApiClient,
  { json, ...body }: RequestBody<'previewQuarantine'> & { readonly json?: boolean | undefined },
): Promise<Preview> {
  return followLines(session, { json }, client.callLines('previewQuarantine', { body }));
}

function wouldSetAside({ selected, trusted }: Preview): string {
  return `it would set ${counted(selected, 'host')} aside (${trusted} trusted now)`;
}

function formatOpening(paper: Paper, hosts: Quarantine['hosts'], preview: Preview): string[] {
  return [...describeIdle(paper, idleNames(hosts, preview)), ...formatPreview(paper, preview)];
}

function describeOpening(session: Session, client: ApiClient, hosts: Quarantine['hosts']): Promise<readonly string[]> {
  return unlessUntold(session, async (paper) => {
    const preview = await askPreview(session, client, { hosts });
    return [wouldSetAside(preview), ...formatOpening(paper, hosts, preview)];
  });
}

interface Lift {
  readonly hosts: Quarantine['hosts'];
  /** Ids of quarantines that are for just these hosts. */
  readonly lifted: string[];
}

/** A host that another quarantine selects too stays in that one, and the preview says so. */
async function previewLift(
  session: Session,
  client: ApiClient,
  { hosts, lifted }: Lift,
  { json }: LiftOptions,
): Promise<Report> {
  const preview = await askPreview(session, client, { hosts, lifted, json });
  const line = `${wouldLift(lifted, preview)}; nothing was changed`;
  return { data: { lifted, preview }, lines: (paper) => [line, ...formatPreview(paper, preview)] };
}

function wouldLift(lifted: readonly string[], { selected, trusted }: Preview): string {
  return `${lifted.join(', ')} would be lifted: the latest verdicts of ${counted(selected, 'host')} would count again (${trusted} trusted then)`;
}

function askToLift(session: Session, client: ApiClient, { hosts, lifted }: Lift, options: LiftOptions): Promise<void> {
  const lines = () =>
    unlessUntold(session, async (paper) => {
      const preview = await askPreview(session, client, { hosts, lifted });
      return [wouldLift(lifted, preview), ...formatPreview(paper, preview)];
    });
  return askAtTerminal(session, options, { lines, question: lifted.length === 1 ? 'lift it?' : 'lift them?' });
}

function formatPreview(paper: Paper, { selected, items }: Preview): string[] {
  const rows = items.map(({ host, state, status, verdictExpiresAt, protected: isProtected, ...ground }) => [
    printable(host),
    state,
    `${formatStatus(paper, status)}${nameGround(ground)}`,
    verdictExpiresAt ?? '-',
    isProtected === true ? paper.tone('warn', 'protected: refused without --include-protected') : '',
  ]);
  const table = rows.length === 0 ? [] : formatTable(paper, ['host', 'state', 'status', 'verdict until', ''], rows);
  return [...table, ...(selected > items.length ? [`and ${selected - items.length} more`] : [])];
}

/** Those in force that were opened for just this selector: what was set aside as a group is released as one.
 * @throws CliError CLI_QUARANTINE_NONE */
async function liftGroup(session: Session, options: LiftOptions): Promise<Report> {
  const hosts = selectorOf(options);
  const client = connect(session, options);
  const inForce = await listInForce(client);
  const open = inForce.filter((one) => nameSelector(one.hosts) === nameSelector(hosts));
  if (open.length === 0) throw new CliError('CLI_QUARANTINE_NONE', describeNone(inForce));
  const group: Lift = { hosts, lifted: open.map(({ id }) => id) };
  if (options.dryRun === true) return previewLift(session, client, group, options);
  await askToLift(session, client, group, options);
  const {
    items: lifted,
    notSent,
    refusal,
  } = await sendOneByOne(
    open.map(({ id }) => ({ name: id })),
    ({ name: quarantineId }) =>
      client.call('liftQuarantine', { path: { quarantineId }, body: { reason: options.reason } }),
  );
  return {
    data: { lifted, notSent },
    lines: () => lifted.map(({ id }) => `${id} is lifted: the latest verdicts of its hosts count again`),
    refusal,
  };
}

function describeNone(inForce: readonly Quarantine[]): string {
  if (inForce.length === 0) return 'no quarantine is in force';
  const others = inForce.map(({ id, hosts }) => `${id} (${describeHosts(hosts)})`);
  return `no quarantine in force was opened for just these hosts; in force: ${nameSome(others, shownNames)}`;
}

/** @throws CliError CLI_USAGE_INVALID, where hosts are named too: which of both was meant is not guessed */
async function liftOne(session: Session, id: string, options: LiftOptions): Promise<Report> {
  if (hasSelector(options)) throw misuse('either the id of a quarantine, or one of --host, --label and --all-hosts');
  const client = connect(session, options);
  if (options.dryRun === true) return previewLift(session, client, await findLift(client, id), options);
  if (options.yes !== true && isAttended(session))
    await askToLift(session, client, await findLift(client, id), options);
  const quarantine = await client.call('liftQuarantine', {
    path: { quarantineId: id },
    body: { reason: options.reason },
  });
  return { data: { quarantine }, lines: () => [`${id} is lifted: the latest verdicts of its hosts count again`] };
}

/** @throws CliError CLI_QUARANTINE_NONE */
async function findLift(client: ApiClient, id: string): Promise<Lift> {
  const open = (await listInForce(client)).find((one) => one.id === id);
  if (open !== undefined) return { hosts: open.hosts, lifted: [id] };
  throw new CliError('CLI_QUARANTINE_NONE', `no quarantine in force is called ${printable(id)}`);
}

async function listInForce(client: ApiClient): Promise<readonly Quarantine[]> {
  const items = await readAllPages((query) => client.call('listQuarantines', { query }));
  return items.filter(({ state }) => state === 'in-force');
}

function endOf({ until }: Quarantine): string {
  return until === undefined ? 'until it is lifted' : `until ${until}`;
}
