// `touchstone host pending`, `approve` and `reject`: hosts that proved their TPM and wait for an operator.
import type { Command } from 'commander';
import { ApiProblem, readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { withConsent, withExamples, withServer } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal, Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { tryRules } from './host-rules.ts';
import { formatTable } from '../table.ts';
import { actorText } from '../views/actor-text.ts';
import type { Paper } from '../terminal.ts';

type PendingHost = JsonAnswerOf<'listPendingHosts'>['items'][number];

interface PendingOptions extends ServerOptions {
  readonly all?: boolean;
  readonly wouldApprove?: string | true;
}

interface DecisionOptions extends ServerOptions, ConsentOptions {
  readonly reason?: string;
}

export function addHostPendingCommands(host: Command, session: Session): void {
  addPending(host, session);
  addApprove(host, session);
  addReject(host, session);
}

function addPending(host: Command, session: Session): void {
  withExamples(
    withServer(
      host
        .command('pending')
        .description('List the hosts that proved their TPM and wait for approval (`enrolment.approval: queue`).')
        .option(
          '--would-approve [rules]',
          'what rules in a YAML file would do with them; without it, the rules in force',
        )
        .option('--all', 'also those approved that have not come back yet, and those rejected')
        .action((options: PendingOptions) => answer(session, options, () => listPending(session, options))),
    ),
    'touchstone host pending',
    'touchstone host pending --all --json',
    'touchstone host pending --would-approve rules.yaml',
  );
}

function addApprove(host: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        host
          .command('approve')
          .description('Let waiting hosts enrol: exactly the TPM, name and key that wait.')
          .argument('<hosts...>', 'name, id, or fingerprint of the TPM')
          .option('--reason <text>', 'why: it is kept in the audit log')
          .action((names: string[], options: DecisionOptions) =>
            answer(session, options, () => decide(session, names, { ...options, verb: 'approve' })),
          ),
      ),
    ),
    'touchstone host approve hv-17.rack3',
    'touchstone host approve hv-17.rack3 hv-18.rack3 --reason "ticket 4711" --yes',
  );
}

function addReject(host: Command, session: Session): void {
  withExamples(
    withServer(
      host
        .command('reject')
        .description('Turn the TPMs of waiting hosts away, whatever name they ask for.')
        .argument('<hosts...>', 'name, id, or fingerprint of the TPM')
        .requiredOption('--reason <text>', 'why: the host is told, and it is kept in the audit log')
        .action((names: string[], options: DecisionOptions) =>
          answer(session, options, () => decide(session, names, { ...options, verb: 'reject' })),
        ),
    ),
    'touchstone host reject hv-17.rack3 --reason "not ours"',
  );
}

async function listPending(session: Session, options: PendingOptions): Promise<Report> {
  const client = connect(session, options);
  if (options.wouldApprove !== undefined) return tryRules(client, options.wouldApprove);
  const pending = await readPending(client);
  const items = options.all === true ? pending : pending.filter(({ state }) => state === 'waiting');
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no host waits for approval']
        : formatTable(
            paper,
            [
              ...['host', 'state', 'fingerprint of the TPM', 'TPM', 'vouched for by', 'join token', 'since', 'until'],
              ...(items.some(({ decided }) => decided !== undefined) ? ['decided'] : []),
            ],
            items.map((one) => row(paper, one)),
          ),
  };
}

function readPending(client: ApiClient): Promise<readonly PendingHost[]> {
  return readAllPages((query) => client.call('listPendingHosts', { query }));
}

function row(paper: Paper, one: PendingHost): string[] {
  return [
    printable(one.hostName),
    one.state,
    one.ekDigest,
    printable([one.tpm?.manufacturer, one.tpm?.model].filter((part) => part !== undefined).join(' ')) || '-',
    one.endorser === undefined ? paper.tone('warn', 'nobody') : printable(one.endorser),
    printable(one.joinTokenName ?? '-'),
    one.askedAt.slice(0, 16),
    one.expiresAt.slice(0, 16),
    ...(one.decided === undefined ? [] : [decisionText(one.decided)]),
  ];
}

function decisionText({ at, by, byName, reason }: NonNullable<PendingHost['decided']>): string {
  const because = reason === '' ? '' : `: ${printableAgain(reason)}`;
  return `${at.slice(0, 16)} by ${actorText(by, byName)}${because}`;
}

type Verb = 'approve' | 'reject';

async function decide(
  session: Session,
  names: readonly string[],
  { verb, ...options }: DecisionOptions & { readonly verb: Verb },
): Promise<Report> {
  const client = connect(session, options);
  const pending = await readPending(client);
  // All are found before anything is done.
  const chosen = [...new Set(names.map((name) => findPending(pending, name)))];
  if (verb === 'approve') {
    const lines = chosen.map(({ hostName, ekDigest }) => `${printable(hostName)}  TPM ${ekDigest}`);
    const question = `let ${chosen.length === 1 ? 'this host' : `these ${chosen.length} hosts`} enrol?`;
    await requireConsent(session, options, { lines, question });
  }
  const outcomes: Outcome[] = [];
  for (const one of chosen) outcomes.push(await decideOne(client, one, { verb, reason: options.reason }));
  return {
    data: { items: outcomes.map(({ item }) => item) },
    lines: () => outcomes.map(({ line }) => line),
    refusal: outcomes.find(({ refusal }) => refusal !== undefined)?.refusal,
  };
}

/** @throws CliError CLI_PENDING_UNCLEAR */
function findPending(pending: readonly PendingHost[], name: string): PendingHost {
  const key = name.toLowerCase();
  const exact = pending.filter(({ id, hostName, ekDigest }) => id === name || hostName === key || ekDigest === key);
  // The beginning of a fingerprint does, as with every id; a host of that very name comes first.
  const isBeginning = exact.length === 0 && /^[0-9a-f]{8,}$/.test(key);
  const found = isBeginning ? pending.filter(({ ekDigest }) => ekDigest.startsWith(key)) : exact;
  const [only, second] = found;
  if (only === undefined) throw new CliError('CLI_PENDING_UNCLEAR', `no host ${printable(name)} waits for approval`);
  if (second === undefined) return only;
  const prints = found.map(({ ekDigest }) => ekDigest).join(', ');
  throw new CliError(
    'CLI_PENDING_UNCLEAR',
    `${found.length} TPMs ${isBeginning ? 'begin with' : 'ask for the name'} ${printable(name)}: ${prints}`,
  );
}

interface Outcome {
  readonly item: object;
  readonly line: string;
  readonly refusal: Refusal | undefined;
}

/** What cannot be done to one host keeps no other from its answer. */
async function decideOne(
  client: ApiClient,
  { id, hostName }: PendingHost,
  { verb, reason }: { readonly verb: Verb; readonly reason: string | undefined },
): Promise<Outcome> {
  const path = { pendingId: id };
  const name = printable(hostName);
  try {
    const item =
      verb === 'approve'
        ? await client.call('approvePendingHost', { path, body: reason === undefined ? {} : { reason } })
        : await client.call('rejectPendingHost', { path, body: { reason: reason ?? '' } });
    const next = verb === 'approve' ? 'is approved: it is enrolled when it asks again' : 'is rejected';
    return { item, line: `${name} ${next}`, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const { refusal } = toRefusal(error);
    return { item: { id, hostName, ...refusal }, line: `${name}: ${refusal.code}`, refusal };
  }
}
