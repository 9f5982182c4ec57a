// What all controllers have in common on the command line: their options, and how they run and say what they did.
import { type Command, Option } from 'commander';
import { createApiClient, type ApiClient } from '../../api/index.ts';
import {
  bringInStep,
  controllerErrors,
  keepInStep,
  type Clock,
  type ControllerEvent,
  type Demands,
  type Member,
  type Platform,
  type Standing,
} from '../../controller/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { collectPair, parseCount, parseDuration, withServer } from '../command-line.ts';
import { readCa, readSafeUrl, readToken, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { toRefusal } from '../refusal.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { clock, untilSignalled } from '../signals.ts';
import { formatTable } from '../table.ts';

export interface ControllerCommandOptions extends ServerOptions {
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly writesPerSecond: number;
  readonly minimumStatus: 'affirming' | 'warning';
  readonly maxAge?: number;
  readonly tenant?: string;
  readonly requireLabel?: Readonly<Record<string, string>>;
}

/** Adds the options of every controller. */
export function withController(command: Command): Command {
  return withServer(
    command
      .option('--once', 'bring everything into step and end; exit status 1: not everything could be')
      .option('--dry-run', 'say what would be written, and write nothing')
      .addOption(
        new Option('--minimum-status <status>', 'which verdict is good enough')
          .choices(['affirming', 'warning'])
          .default('affirming'),
      )
      .option('--max-age <time>', 'how old the evidence may be, e.g. 10m', parseDuration)
      .option('--tenant <tenant>', 'whose workloads run here: hosts set apart for another tenant are not trusted')
      .option('--require-label <name=value>', 'a label that hosts must have; may be repeated', collectPair)
      .option(
        '--writes-per-second <count>',
        'how fast members are marked as trusted, at most; denials never wait',
        parseCount,
        10,
      ),
  );
}

/** A platform, and who else may write to it. */
export interface OpenPlatform<M extends Member> {
  readonly platform: Platform<M>;
  readonly mayWrite?: () => boolean;
  /** Runs beside the controller, until the signal. */
  readonly alongside?: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Ends the controller. */
  readonly signal: AbortSignal;
  readonly touchstone: () => ApiClient;
  readonly say: (document: Readonly<Record<string, unknown>>, line: string) => void;
  readonly complain: (about: string, error: unknown) => void;
}

/** Runs a controller until SIGTERM, or once.
 * @throws CliError as for every command that needs a server; ControllerError */
export async function runController<M extends Member>(
  session: Session,
  options: ControllerCommandOptions,
  open: (surroundings: Surroundings) => OpenPlatform<M>,
): Promise<Report> {
  const touchstone = renewClient(session, options);
  const failures: string[] = [];
  const say: Surroundings['say'] = (document, line) => {
    if (options.once === true && options.json === true) return;
    const time = session.now().toISOString();
    const text = options.json === true ? JSON.stringify({ time, ...document }) : `${time}  ${line}`;
    session.stdout.write(`${text}\n`);
  };
  const complain: Surroundings['complain'] = (about, error) => {
    const { code, message } = knownFailure(error);
    failures.push(`${about}: ${code}: ${message}`);
    if (options.json === true) say({ event: 'failed', about, code, message }, '');
    else session.stderr.write(`${session.now().toISOString()}  ${about}: ${code}: ${message}\n`);
  };
  return untilSignalled(async (signal) => {
    const surroundings = { clock, signal, touchstone: () => touchstone.get() };
    const opened = open({ ...surroundings, say, complain });
    try {
      const settings = {
        ...surroundings,
        platform: opened.platform,
        demands: demandsOf(options),
        writesPerSecond: options.writesPerSecond,
        dryRun: options.dryRun === true,
        mayWrite: opened.mayWrite ?? (() => true),
        onEvent: (event: ControllerEvent) => tell(event, say, complain),
      };
      if (options.once === true) return reportOnce(await bringInStep({ ...settings, mayWrite: () => true }), options);
      await Promise.all([keepInStep(settings), opened.alongside?.(signal)]);
      return { data: {}, lines: () => [], silent: true };
    } finally {
      opened.close();
      touchstone.close();
    }
  });
}

function tell(event: ControllerEvent, say: Surroundings['say'], complain: Surroundings['complain']): void {
  if (event.kind === 'failed') {
    complain(event.member ?? event.about, event.error);
    return;
  }
  if (event.kind === 'counted') {
    const { kind, members, trusted, late } = event;
    const state = late === 0 ? 'all in step' : `${late} to be marked`;
    say({ event: kind, members, trusted, late }, `${members} members, ${trusted} trusted, ${state}`);
    return;
  }
  const { kind, member, standing } = event;
  const what = kind === 'marked' ? 'is marked' : 'would be marked';
  say({ event: kind, ...wireOf(member, standing) }, `${printable(member.name)} ${what} ${wordsOf(standing)}`);
}

function wireOf({ name, hostId }: Member, { trusted, codes, reason }: Standing): Readonly<Record<string, unknown>> {
  return { member: name, host: hostId ?? null, trusted, codes, reason };
}

function wordsOf({ trusted, codes, reason }: Standing): string {
  return trusted ? 'trusted' : `untrusted: ${reason} (${codes.join(', ')})`;
}

function reportOnce<M extends Member>(
  { members, hasHeard }: Awaited<ReturnType<typeof bringInStep<M>>>,
  { dryRun }: ControllerCommandOptions,
): Report {
  const late = members.filter(({ inStep }) => !inStep);
  const isRefused = !hasHeard || (dryRun !== true && late.length > 0);
  const message = hasHeard ? `${late.length} of ${members.length} are not in step` : 'Touchstone does not answer';
  return {
    data: { members: members.map(({ member, standing, inStep }) => ({ ...wireOf(member, standing), inStep })) },
    lines: (paper) =>
      members.length === 0
        ? ['the platform has no members']
        : formatTable(
            paper,
            ['member', 'host', 'trusted', 'in step', 'reason'],
            members.map(({ member, standing, inStep }) => [
              printable(member.name),
              printable(member.hostId ?? '-'),
              standing.trusted ? paper.tone('good', 'yes') : paper.tone('bad', 'no'),
              inStep ? 'yes' : 'no',
              standing.trusted ? '' : standing.reason,
            ]),
          ),
    refusal: isRefused
      ? { code: 'CONTROLLER_NOT_IN_STEP', message, remedy: controllerErrors.CONTROLLER_NOT_IN_STEP.remedy }
      : undefined,
  };
}

function demandsOf({ minimumStatus, maxAge, tenant, requireLabel }: ControllerCommandOptions): Demands {
  return {
    minimumStatus,
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(requireLabel === undefined ? {} : { requireLabels: requireLabel }),
  };
}

/** A client whose token and authority are those that the files hold now. */
function renewClient(session: Session, options: ServerOptions): { get(): ApiClient; close(): void } {
  let known: { readonly key: string; readonly client: ApiClient } | undefined;
  const get = (): ApiClient => {
    const baseUrl = readSafeUrl(session, options);
    const token = readToken(session, options);
    if (token === undefined) throw new CliError('CLI_TOKEN_MISSING', 'no access token was given', { misuse: true });
    const ca = readCa(session, options);
    const key = JSON.stringify([token, ca]);
    if (known?.key !== key) {
      known?.client.close();
      known = { key, client: createApiClient({ baseUrl, token, ...(ca === undefined ? {} : { ca }) }) };
    }
    return known.client;
  };
  // What is missing from the start is misuse.
  get();
  return { get, close: () => known?.client.close() };
}

/** Our own defects are not swallowed by a loop that goes on. */
function knownFailure(error: unknown): { readonly code: string; readonly message: string } {
  const { refusal } = toRefusal(error);
  if (refusal.code === 'CLI_INTERNAL') throw error;
  return refusal;
}
