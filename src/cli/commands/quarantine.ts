// `touchstone quarantine`: set hosts aside at once, whatever they attest.
import { InvalidArgumentError, type Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { collectList, collectPair, parseCount, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

type Quarantine = JsonAnswerOf<'createQuarantine'>;

interface OpenOptions extends ServerOptions {
  readonly host?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly allHosts?: boolean;
  readonly reason: string;
  readonly for?: number;
}

export function addQuarantineCommands(program: Command, session: Session): void {
  const quarantine = program.command('quarantine').description('hosts that operators have set aside');
  withExamples(
    withServer(
      quarantine
        .command('open')
        .description('Stop trusting hosts at once, by name or by label, also those that get the label later.')
        .option('--host <host>', 'a host; may be repeated', collectList)
        .option('--label <name=value>', 'hosts with this label; with several, hosts that have them all', collectPair)
        .option('--all-hosts', 'every host there is')
        .requiredOption('--reason <text>', 'why: it stands in every denial and in the audit log')
        .option('--for <seconds>', 'when it ends by itself; without it, when it is lifted', parseCount)
        .action((options: OpenOptions) => answer(session, options, () => openQuarantine(session, options))),
    ),
    'touchstone quarantine open --host hv-17.rack3 --reason "ticket 4711"',
    'touchstone quarantine open --label rack=3 --reason "CVE-2026-12345 is being exploited" --for 86400',
  );
  withExamples(
    withServer(
      quarantine
        .command('list')
        .description('List the quarantines, in force and past.')
        .action((options: ServerOptions) => answer(session, options, () => listQuarantines(session, options))),
    ),
    'touchstone quarantine list',
  );
  withExamples(
    withServer(
      quarantine
        .command('lift')
        .description('End a quarantine. The latest verdicts of its hosts count again.')
        .argument('<quarantine>', 'id of the quarantine', parseId)
        .requiredOption('--reason <text>', 'why: it is kept in the audit log')
        .action((id: string, options: ServerOptions & { readonly reason: string }) =>
          answer(session, options, () => liftQuarantine(session, id, options)),
        ),
    ),
    'touchstone quarantine lift qua_7Y1bL0Qm2cTtW3xS --reason "patched, ticket 4711"',
  );
}

function parseId(text: string): string {
  if (!/^qua_[A-Za-z0-9_-]{16}$/.test(text)) throw new InvalidArgumentError('qua_ and 16 characters are expected');
  return text;
}

async function openQuarantine(session: Session, options: OpenOptions): Promise<Report> {
  const quarantine = await connect(session, options).call('createQuarantine', {
    body: {
      hosts: selectorOf(options),
      reason: options.reason,
      ...(options.for === undefined ? {} : { expiresInSeconds: options.for }),
    },
  });
  return {
    data: { quarantine },
    lines: () => [`${quarantine.id} is in force: ${quarantine.selected ?? 0} hosts now, ${endOf(quarantine)}`],
  };
}

/** @throws CliError CLI_USAGE_INVALID */
function selectorOf({ host, label, allHosts }: OpenOptions): Quarantine['hosts'] {
  const chosen = [
    ...(host === undefined ? [] : [{ names: [...host] }]),
    ...(label === undefined ? [] : [{ labels: label }]),
    ...(allHosts === true ? [{ all: true as const }] : []),
  ];
  const [only, second] = chosen;
  if (only === undefined || second !== undefined) {
    throw new CliError('CLI_USAGE_INVALID', 'one of --host, --label and --all-hosts is expected', { misuse: true });
  }
  return only;
}

async function listQuarantines(session: Session, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const items: Quarantine[] = [];
  let after: string | undefined;
  do {
    const page = await client.call('listQuarantines', {
      query: { limit: 1000, ...(after === undefined ? {} : { after }) },
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no host was ever in quarantine']
        : formatTable(
            paper,
            ['id', 'state', 'hosts', 'since', 'end', 'reason'],
            items.map((one) => [
              one.id,
              paper.tone(one.state === 'in-force' ? 'bad' : 'dim', one.state),
              printable(describeHosts(one)),
              one.createdAt,
              one.lifted?.at ?? one.until ?? 'when lifted',
              printable(one.reason),
            ]),
          ),
  };
}

async function liftQuarantine(
  session: Session,
  id: string,
  options: ServerOptions & { readonly reason: string },
): Promise<Report> {
  const quarantine = await connect(session, options).call('liftQuarantine', {
    path: { quarantineId: id },
    body: { reason: options.reason },
  });
  return { data: { quarantine }, lines: () => [`${id} is lifted: the latest verdicts of its hosts count again`] };
}

function describeHosts({ hosts }: Quarantine): string {
  if (hosts.names !== undefined) return hosts.names.join(' ');
  if (hosts.labels === undefined) return 'all';
  return Object.entries(hosts.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function endOf({ until }: Quarantine): string {
  return until === undefined ? 'until it is lifted' : `until ${until}`;
}
