// `touchstone host`: the fleet, and why a host is trusted or not.
import { ApiProblem, type ApiClient, type HostVerdict, type JsonAnswerOf } from '../../api/index.ts';
import { Option, type Command } from 'commander';
import { counted, printable, printableAgain } from '../../core/encoding/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { formatGround, nameGround } from '../views/ground-view.ts';
import { addHostConflictsCommand } from './host-conflicts.ts';
import { addHostEndingCommands } from './host-ending.ts';
import { addHostExplainCommand } from './host-explain.ts';
import { addHostExportCommand } from './host-export.ts';
import { addHostLabelCommand } from './host-label.ts';
import { addHostTokenCommand } from './host-token.ts';
import { addHostOutliersCommand } from './host-outliers.ts';
import { addHostPendingCommands } from './host-pending.ts';
import { collectEntries, type FoundEntries } from '../inputs/audit-look.ts';
import { readWholeList } from '../inputs/whole-list.ts';
import { formatPlatform } from '../views/platform-view.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { actorText } from '../views/actor-text.ts';
import { formatStatus, formatVerdict } from '../views/verdict-view.ts';

type Host = JsonAnswerOf<'getHost'>;

export function addHostCommands(program: Command, session: Session): void {
  const host = program.command('host').description('the hosts, their state and their verdicts');
  withExamples(
    withServer(
      host
        .command('list')
        .description('List the hosts with their present status, and how many have which.')
        .addOption(new Option('--status <status>', 'those with this status only').choices(statuses))
        .action((options: ListOptions) => answer(session, options, () => listHosts(session, options))),
    ),
    'touchstone host list',
    'touchstone host list --status contraindicated',
    'touchstone host list --json',
  );
  withExamples(
    withServer(
      host
        .command('show')
        .description('Show a host: its TPM, its verdict, and every finding with its remedy.')
        .argument('<host>', 'host id')
        .action((id: string, options: ServerOptions) => answer(session, options, () => showHost(session, id, options))),
    ),
    'touchstone host show hv-17.rack3',
  );
  addHostEndingCommands(host, session);
  addHostConflictsCommand(host, session);
  addHostPendingCommands(host, session);
  addHostExplainCommand(host, session);
  addHostExportCommand(host, session);
  addHostLabelCommand(host, session);
  addHostOutliersCommand(host, session);
  addHostTokenCommand(host, session);
}

const statuses = ['affirming', 'warning', 'contraindicated', 'none'] as const satisfies readonly Host['status'][];

interface ListOptions extends ServerOptions {
  readonly status?: Host['status'];
}

/** What cannot be read has no status, and is named whatever is asked for. */
async function listHosts(session: Session, options: ListOptions): Promise<Report> {
  const client = connect(session, options);
  const unreadable: string[] = [];
  const all = await readWholeList(session, options, 'hosts', async (query) => {
    const page = await client.call('listHosts', { query });
    unreadable.push(...(page.unreadable ?? []));
    return page;
  });
  const { status } = options;
  const hosts = status === undefined ? all : all.filter((host) => host.status === status);
  return {
    data: { items: hosts, ...(unreadable.length === 0 ? {} : { unreadable }) },
    lines: (paper) => [
      ...(all.length + unreadable.length === 0
        ? ['no host is enrolled yet: run `touchstone agent enrol` on one']
        : formatTable(
            paper,
            ['host', 'state', 'status', 'until', 'endorser', 'enrolled'],
            hosts.map((host) => row(paper, host)),
          )),
      ...unreadable.flatMap((id) => formatUnreadable(paper, id)),
      ...(all.length < manyHosts ? [] : ['', summaryOf(all)]),
    ],
  };
}

/** So few are counted by looking at them. */
const manyHosts = 10;

function summaryOf(hosts: readonly Host[]): string {
  const parts = statuses.flatMap((status) => {
    const alike = hosts.filter((host) => host.status === status);
    return alike.length === 0 ? [] : [`${alike.length} ${status}${countGrounds(alike)}`];
  });
  return `${counted(hosts.length, 'host')}: ${parts.join(', ')}. Why, in groups: \`touchstone what-if --at now\``;
}

/** How many of them are trusted although their evidence is refused. */
function countGrounds(hosts: readonly Host[]): string {
  const granted = hosts.filter(({ breakGlass }) => breakGlass !== undefined).length;
  const held = hosts.filter(({ held, breakGlass }) => held !== undefined && breakGlass === undefined).length;
  const parts = [...(held === 0 ? [] : [`${held} held`]), ...(granted === 0 ? [] : [`${granted} by break-glass`])];
  return parts.length === 0 ? '' : ` (of them ${parts.join(', ')})`;
}

function formatUnreadable(paper: Paper, id: string): string[] {
  return [
    `${paper.tone('bad', 'unreadable')} ${printable(id)}: what is stored of it is damaged, and it is denied`,
    `  restore the data directory from your backup, or: touchstone host release ${printable(id)} --reason TEXT, and enrol it again`,
  ];
}

function row(paper: Paper, host: Host): string[] {
  return [
    printable(host.id),
    host.protected === true ? `${host.state} (protected)` : host.state,
    formatStatus(paper, host.status) + nameGround(host),
    host.verdictExpiresAt ?? '-',
    host.ekVerified ? printable(host.ekAnchor ?? 'verified') : paper.tone('warn', 'not verified'),
    host.enrolledAt.slice(0, 10),
  ];
}

async function showHost(session: Session, id: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const path = { hostId: id };
  const [host, answered] = await Promise.all([client.call('getHost', { path }), client.call('getVerdict', { path })]);
  const current = await withStandingRemedies(client, answered);
  const decisions = await readDecisions(client, host.id);
  return {
    data: { host, verdict: current, ...(decisions === undefined ? {} : { decisions }) },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['host', paper.tone('strong', printable(host.id))],
        ['status', formatStatus(paper, current.status)],
        ...formatGround(paper, current, session.now()),
        ...current.reasons.map(
          ({ code, message }) => ['reason', `${printable(code)}: ${printableAgain(message)}`] as const,
        ),
        ['state', host.state],
        ['protected', host.protected && 'changes that would lose it are refused (lockout.protected)'],
        [
          'TPM',
          `endorsement key ${host.ekDigest.slice(0, 16)}…, ${host.ekVerified ? `vouched for by ${printable(host.ekAnchor ?? '?')}` : 'nobody vouches for it'}`,
        ],
        [
          'device identity',
          host.deviceIdentity && `${printable(host.deviceIdentity.serial)}, ${printable(host.deviceIdentity.subject)}`,
        ],
        ['enrolled', host.enrolledAt],
        ['new TPM', host.replaceUntil === undefined ? undefined : `expected until ${host.replaceUntil}`],
        [
          'labels',
          Object.entries(host.labels)
            .map(([name, value]) => printable(`${name}=${value}`))
            .join(' ') || undefined,
        ],
        ...formatDecisions(decisions),
      ]),
      ...(host.platform === undefined
        ? []
        : ['', ...formatPlatform(paper, standingOf(paper, host.platform), host.platform)]),
      ...(current.verdict === undefined ? [] : ['', ...formatVerdict(paper, current.verdict)]),
    ],
  };
}

const shownDecisions = 3;

interface Decisions extends Omit<FoundEntries, 'next'> {
  readonly isAll: boolean;
}

/** What people did to it, the newest first. Undefined for whom the audit log is not told: hosts and orchestrators. */
async function readDecisions(client: ApiClient, hostId: string): Promise<Decisions | undefined> {
  const query = { subject: hostId, byPeople: true };
  const found = await unlessForbidden(() => collectEntries(client, query, shownDecisions));
  return found && { items: found.items, actorNames: found.actorNames, isAll: found.next === undefined };
}

function formatDecisions(decisions: Decisions | undefined): (readonly [string, string])[] {
  const { items = [], actorNames = {}, isAll = true } = decisions ?? {};
  const lines = items.map(({ at, action, actor, details }) => {
    const { reason } = details;
    const because = typeof reason === 'string' && reason !== '' ? `: ${printableAgain(reason, 200)}` : '';
    return `${at} ${action} by ${actorText(actor, actorNames[actor])}${because}`;
  });
  const more = isAll
    ? []
    : [`more: \`touchstone audit list --host ${printable(items[0]?.subject ?? '')} --by-people\``];
  return [...lines, ...more].map((line, index) => [index === 0 ? 'done to it' : '', line] as const);
}

/** A verdict knows golden measurements in force alone. Whether this boot was good once, and is revoked, decides what to do about it. */
async function withStandingRemedies(client: ApiClient, current: HostVerdict): Promise<HostVerdict> {
  const { verdict } = current;
  if (!verdict?.findings.some(({ severity, layer }) => severity === 'error' && layer !== undefined)) return current;
  const explained = await explain(client, current.host);
  const findings = verdict.findings.map((finding) => {
    const same = explained.find(
      (each) =>
        each.finding.code === finding.code &&
        each.finding.layer === finding.layer &&
        each.finding.event === finding.event,
    );
    return same?.finding ?? finding;
  });
  return { ...current, verdict: { ...verdict, findings } };
}

/** Nothing to whom it is not told: hosts and orchestrators. */
async function explain(client: ApiClient, hostId: string): Promise<JsonAnswerOf<'explainHost'>['findings']> {
  return (await unlessForbidden(() => client.call('explainHost', { path: { hostId } })))?.findings ?? [];
}

async function unlessForbidden<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'AUTH_FORBIDDEN') return undefined;
    throw error;
  }
}

function standingOf(paper: Paper, { proven, anchor, code, message }: NonNullable<Host['platform']>): string {
  if (proven) return `bound to this TPM by its maker: ${printable(anchor ?? '?')}`;
  return `${paper.tone('warn', 'not proven')}: ${printable(code ?? '?')}, ${printableAgain(message ?? '')}`;
}
