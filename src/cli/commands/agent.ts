// `touchstone agent`: on the host. Enrols its TPM, attests, and keeps attesting.
import { type Command, Option } from 'commander';
import {
  attest,
  formatFailure,
  createNextChallenge,
  keepAppointments,
  run,
  type AgentEvent,
  type RunOptions,
} from '../../agent/index.ts';
import type { AttestationResult } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { parseDuration, withExamples, withJson } from '../command-line.ts';
import { readCa } from '../connection.ts';
import { misuse } from '../errors.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { sleepUnless, untilSignalled } from '../signals.ts';
import { formatVerdict } from '../views/verdict-view.ts';
import { refusalOfResult, waitAtGate } from './agent-gate.ts';
import { openDevice, patience, withDevice, type DeviceOptions } from './agent-device.ts';
import { addAgentEnrolCommand } from './agent-enrol.ts';

interface RunCommandOptions extends DeviceOptions {
  readonly untilTrusted?: boolean;
  readonly minimumStatus?: 'affirming' | 'warning';
  readonly waitAtMost?: number;
}

export function addAgentCommands(program: Command, session: Session): void {
  const agent = program.command('agent').description('on a host: enrol its TPM, attest once, or keep attesting');
  addAgentEnrolCommand(agent, session);
  addAttest(agent, session);
  addRun(agent, session);
}

function addAttest(agent: Command, session: Session): void {
  const command = withDevice(agent.command('attest'))
    .summary('attest once and show the verdict')
    .description('Attest once. Exit status 0: the verdict is affirming, 1: it is not, or there is none.')
    .action((options: DeviceOptions) => answer(session, options, () => attestHost(session, options)));
  withExamples(withJson(command), 'touchstone agent attest', 'touchstone agent attest --json');
}

function addRun(agent: Command, session: Session): void {
  const command = withDevice(agent.command('run'))
    .summary('attest at boot and keep attesting, as a service')
    .description(
      'Attest now and whenever the server wants to hear again, until SIGTERM. With --until-trusted it ends with the first ' +
        'good verdict: what a hypervisor waits for before it starts. It says first what is missing on this host. Exit status 0 is a good verdict, and nothing else is.',
    )
    .option('--until-trusted', 'end with the first verdict that is good enough')
    .addOption(
      new Option(
        '--minimum-status <status>',
        'with --until-trusted: which verdict is good enough; affirming unless told',
      ).choices(['affirming', 'warning']),
    )
    .option(
      '--wait-at-most <time>',
      'with --until-trusted: end with status 1 then, e.g. 5m; it waits as long as it takes unless told',
      parseDuration,
    )
    .action((options: RunCommandOptions) => answer(session, options, () => runAgent(session, options)));
  withExamples(
    withJson(command),
    'touchstone agent run',
    'touchstone agent run --until-trusted',
    'touchstone agent run --until-trusted --wait-at-most 300',
  );
}

async function attestHost(session: Session, options: DeviceOptions): Promise<Report> {
  const ca = readCa(session, options);
  const device = await openDevice(options);
  try {
    const next = createNextChallenge();
    const request = { device, stateDirectory: options.state, server: ca === undefined ? {} : { ca }, next };
    return reportResult(await keepAppointments(() => attest(request), patience(session, options)));
  } finally {
    await device.close();
  }
}

function reportResult(result: AttestationResult): Report {
  const { verdict, nextAttestationSeconds } = result;
  const trusted = verdict.status === 'affirming';
  return {
    data: { verdict, nextAttestationSeconds },
    lines: (paper) => formatVerdict(paper, verdict),
    refusal: trusted ? undefined : refusalOfResult(result),
  };
}

async function runAgent(session: Session, options: RunCommandOptions): Promise<Report> {
  if (options.waitAtMost !== undefined && options.untilTrusted !== true)
    throw misuse('--wait-at-most ends the wait of --until-trusted: give both');
  if (options.minimumStatus !== undefined && options.untilTrusted !== true)
    throw misuse('--minimum-status is what --until-trusted waits for: give both');
  const ca = readCa(session, options);
  return untilSignalled(async (signal) => {
    const settings: RunOptions = {
      server: ca === undefined ? {} : { ca },
      stateDirectory: options.state,
      openDevice: () => openDevice(options),
      signal,
      sleep: sleepUnless,
      random: () => Math.random(),
      onEvent: (event) => session.stderr.write(`${formatEvent(event)}\n`),
    };
    if (options.untilTrusted !== true) {
      await run(settings);
      return { data: { stopped: true }, lines: () => [] };
    }
    return waitAtGate(settings, {
      demand: { minimumStatus: options.minimumStatus ?? 'affirming' },
      longestSeconds: options.waitAtMost,
      tell: (line) => session.stderr.write(`${line}\n`),
    });
  });
}

function formatEvent(event: AgentEvent): string {
  const next = `again in ${Math.round(event.waitMs / 1000)} s`;
  if (event.kind === 'failed') return `${formatFailure(event.failure)} (${next})`;
  const { verdict } = event.result;
  const errors = verdict.findings.filter(({ severity }) => severity === 'error');
  const why = errors.map(({ code, message }) => `; ${printable(code)}: ${printableAgain(message)}`).join('');
  return `verdict ${printable(verdict.status)}${why} (${next})`;
}
