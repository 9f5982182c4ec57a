// `touchstone break-glass propose`: a statement that nobody has signed yet, about the very boots that hosts show now.
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import {
  encodeBreakGlass,
  excusable,
  excusableCode,
  type BoundHost,
  type Excusable,
} from '../../core/break-glass/index.ts';
import { nameSome, printable } from '../../core/encoding/index.ts';
import { documentIdOf } from '../../core/golden/index.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError, misuse } from '../errors.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';

export interface ProposeOptions extends ServerOptions {
  readonly host?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly for: number;
  readonly reason: string;
  readonly ticket: string;
  readonly as: 'affirming' | 'warning';
  readonly out: string;
}

type Host = JsonAnswerOf<'getHost'>;

type Fit = { readonly bound: BoundHost; readonly codes: readonly Excusable[] } | { readonly unfit: string };

interface LeftOut {
  readonly host: string;
  readonly why: string;
}

/** @throws CliError CLI_USAGE_INVALID, CLI_BREAK_GLASS_TOO_LONG, CLI_BREAK_GLASS_UNFIT, CLI_FILE_EXISTS */
export async function proposeBreakGlass(session: Session, options: ProposeOptions): Promise<Report> {
  const { host: names, label, reason, ticket, as: status, out } = options;
  if ((names === undefined) === (label === undefined)) {
    throw misuse('one of --host and --label is expected');
  }
  requireAbsent(out);
  const client = connect(session, options);
  await requireShort(client, options.for);
  const hosts = names === undefined ? await selectHosts(client, label ?? {}) : await readHosts(client, names);
  const bound: BoundHost[] = [];
  const codes = new Set<Excusable>();
  const leftOut: LeftOut[] = [];
  for (const host of hosts) {
    const fit = await fitHost(client, host);
    if ('unfit' in fit) leftOut.push({ host: host.id, why: fit.unfit });
    else {
      bound.push(fit.bound);
      fit.codes.forEach((code) => codes.add(code));
    }
  }
  // Whoever names a host means that host; whoever names a label means those that it can help.
  if (bound.length === 0 || (names !== undefined && leftOut.length > 0)) {
    throw new CliError('CLI_BREAK_GLASS_UNFIT', groupByWhy(leftOut).join('; ') || 'no host has these labels');
  }
  const issuedAt = session.now();
  const until = new Date(issuedAt.getTime() + options.for * 1000);
  const excuses = excusable.filter((code) => codes.has(code));
  const payload = encodeBreakGlass({ issuedAt, until, status, reason, ticket, excuses, hosts: bound });
  writeOutput(out, payload);
  const named = bound.map(({ id }) => id);
  return {
    data: { file: out, id: documentIdOf(payload), hosts: named, excuses, until: until.toISOString(), leftOut },
    lines: (paper) => [
      `${printable(out)} would admit ${named.map((id) => printable(id)).join(', ')} until ${until.toISOString()}`,
      `it excuses ${excuses.join(', ')} of the boots that they show now, and nothing else`,
      ...groupByWhy(leftOut).map((line) => `${paper.tone('warn', 'left out')} ${line}`),
      `next: touchstone break-glass sign ${printable(out)} --key KEY`,
    ],
  };
}

/** Said before operators sign what the server will not take.
 * @throws CliError CLI_BREAK_GLASS_TOO_LONG */
async function requireShort(client: ApiClient, seconds: number): Promise<void> {
  const { longestSeconds } = await client.call('listBreakGlass', {});
  if (seconds <= longestSeconds) return;
  const message =
    longestSeconds === 0
      ? 'the server takes no break-glass statement'
      : `${seconds} s are asked for, and the server takes ${longestSeconds} s at most`;
  throw new CliError('CLI_BREAK_GLASS_TOO_LONG', message);
}

const namedHosts = 3;

/** A fleet is left out for one reason or two: each once, with a few names. */
function groupByWhy(leftOut: readonly LeftOut[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { host, why } of leftOut) {
    const group = groups.get(why);
    if (group === undefined) groups.set(why, [host]);
    else group.push(host);
  }
  return [...groups].map(([why, hosts]) => `${nameSome(hosts, namedHosts)}: ${why}`);
}

async function selectHosts(client: ApiClient, labels: Readonly<Record<string, string>>): Promise<readonly Host[]> {
  const hosts = await readAllPages((query) => client.call('listHosts', { query }));
  return hosts.filter((host) => Object.entries(labels).every(([name, value]) => host.labels[name] === value));
}

async function readHosts(client: ApiClient, names: readonly string[]): Promise<readonly Host[]> {
  const hosts: Host[] = [];
  for (const hostId of new Set(names)) hosts.push(await client.call('getHost', { path: { hostId } }));
  return hosts;
}

async function fitHost(client: ApiClient, { id, ekDigest }: Host): Promise<Fit> {
  const { reasons, verdict } = await client.call('getVerdict', { path: { hostId: id } });
  const [reason] = reasons;
  if (reason !== undefined) return { unfit: `no verdict that holds (${printable(reason.code)})` };
  if (verdict?.boot === undefined || verdict.eventLogDigest === undefined) return { unfit: 'no proved boot' };
  const denying = verdict.findings.filter(({ severity }) => severity === 'error');
  if (denying.length === 0) return { unfit: 'refused by nothing' };
  const codes = denying.map(excusableCode);
  const beyond = denying.find((_, index) => codes[index] === undefined);
  if (beyond !== undefined) return { unfit: `refused for ${printable(beyond.code)}, which nobody may excuse` };
  const { resetCount, restartCount } = verdict.boot;
  return {
    bound: { id, ek: ekDigest, resetCount, restartCount, eventLog: verdict.eventLogDigest },
    codes: codes.filter((code) => code !== undefined),
  };
}
