// `touchstone agent`: on the host. Enrols its TPM, attests, and keeps attesting.
import { type Command, Option } from 'commander';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  attest,
  attestUntilTrusted,
  enrol,
  keepAppointments,
  formatFailure,
  openTpmDevice,
  run,
  type AgentEvent,
  type RunOptions,
} from '../../agent/index.ts';
import type { AttestationResult } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { readCa, readServerUrl, readToken, type ServerOptions } from '../connection.ts';
import { cliErrors } from '../errors.ts';
import { readInput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { sleepUnless, untilSignalled } from '../signals.ts';
import { formatFacts } from '../table.ts';
import { formatVerdict } from '../verdict-view.ts';
import { readCertificates } from './inspect-certificate.ts';

interface DeviceOptions {
  readonly json?: boolean;
  readonly tpm: string;
  readonly state: string;
  readonly eventLog?: string;
  readonly imaLog?: string;
  readonly userspaceLog?: string;
  readonly ca?: string;
}

interface EnrolCommandOptions extends DeviceOptions, ServerOptions {
  readonly name: string;
  readonly joinToken?: string;
  readonly ekCertificate?: string;
  readonly ekChain?: string;
}

interface RunCommandOptions extends DeviceOptions {
  readonly untilTrusted?: boolean;
  readonly minimumStatus: 'affirming' | 'warning';
}

export function addAgentCommands(program: Command, session: Session): void {
  const agent = program.command('agent').description('on a host: enrol its TPM, attest once, or keep attesting');
  addEnrol(agent, session);
  addAttest(agent, session);
  addRun(agent, session);
}

function addEnrol(agent: Command, session: Session): void {
  const command = withDevice(agent.command('enrol').alias('enroll'))
    .summary('make this TPM known to a server')
    .description(
      'Enrol this host: the server learns which TPM it has, and proves that the attestation key lives in it.',
    )
    .option('--server <url>', 'address of the server (or TOUCHSTONE_SERVER)')
    .option('--token <token>', 'join token (or TOUCHSTONE_TOKEN; a file is safer)')
    .addOption(new Option('--join-token <token>', 'the same').hideHelp())
    .option('--token-file <file>', 'file that holds the join token (or TOUCHSTONE_TOKEN_FILE)')
    .option('--name <name>', 'name of this host', hostname().toLowerCase())
    .option('--ek-certificate <file>', 'EK certificate, for a TPM that does not carry its own')
    .option('--ek-chain <file>', 'intermediate certificates between EK certificate and root')
    .action((options: EnrolCommandOptions) => answer(session, options, () => enrolHost(session, options)));
  withExamples(
    withJson(command),
    'touchstone agent enrol --server https://attest.example:8443 --token-file join.token',
    'touchstone agent enrol --server http://127.0.0.1:8443 --tpm unix:/run/swtpm.sock --ek-chain issuercert.pem',
  );
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
        'good verdict: what a hypervisor waits for before it starts.',
    )
    .option('--until-trusted', 'end with the first verdict that is good enough')
    .addOption(
      new Option('--minimum-status <status>', 'which verdict is good enough')
        .choices(['affirming', 'warning'])
        .default('affirming'),
    )
    .action((options: RunCommandOptions) => answer(session, options, () => runAgent(session, options)));
  withExamples(withJson(command), 'touchstone agent run', 'touchstone agent run --until-trusted');
}

function withDevice(command: Command): Command {
  return command
    .addOption(
      new Option('--tpm <address>', 'device path, tcp:HOST:PORT or unix:PATH')
        .env('TOUCHSTONE_TPM')
        .default('/dev/tpmrm0'),
    )
    .addOption(
      new Option('--state <dir>', 'where the enrolment is kept')
        .env('TOUCHSTONE_STATE')
        .default('/var/lib/touchstone-agent'),
    )
    .addOption(
      new Option('--event-log <file>', 'firmware log; that of the kernel unless told').env('TOUCHSTONE_EVENT_LOG'),
    )
    .addOption(new Option('--ima-log <file>', 'IMA list; that of the kernel unless told').env('TOUCHSTONE_IMA_LOG'))
    .addOption(
      new Option('--userspace-log <file>', 'what systemd measured; its own log unless told').env(
        'TOUCHSTONE_USERSPACE_LOG',
      ),
    )
    .option('--ca <file>', 'certificate authority of the server, PEM (or TOUCHSTONE_CA)');
}

function openDevice({ tpm, eventLog, imaLog, userspaceLog }: DeviceOptions) {
  const logs = { eventLogPath: eventLog, imaLogPath: imaLog, userspaceLogPath: userspaceLog };
  return openTpmDevice({ address: tpm, ...logs, sleep: (ms) => sleep(ms) });
}

/** Waits as a busy server asks, and says so to people. */
function patience(session: Session, { json }: { readonly json?: boolean }) {
  return {
    sleep: (ms: number) => sleep(ms),
    random: () => Math.random(),
    onWait: (waitMs: number) => {
      if (json !== true) session.stderr.write(`The server is busy. Trying again in ${Math.ceil(waitMs / 1000)} s.\n`);
    },
  };
}

async function enrolHost(session: Session, options: EnrolCommandOptions): Promise<Report> {
  const ca = readCa(session, options);
  const server = { baseUrl: readServerUrl(session, options), ...(ca === undefined ? {} : { ca }) };
  const [ekCertificate, ...more] =
    options.ekCertificate === undefined ? [] : readCertificates(readInput(options.ekCertificate));
  const chain = options.ekChain === undefined ? [] : readCertificates(readInput(options.ekChain));
  const device = await openDevice(options);
  try {
    const request = {
      server,
      token: options.joinToken ?? readToken(session, options),
      device,
      stateDirectory: options.state,
      hostName: options.name,
      ekCertificate: ekCertificate?.der,
      ekCertificateChain: [...more, ...chain].map(({ der }) => der),
    };
    const enrolment = await keepAppointments(() => enrol(request), patience(session, options));
    const { hostId, serverId, akName } = enrolment;
    return {
      data: { hostId, serverId, akName, state: options.state },
      lines: (paper) =>
        formatFacts(paper, [
          ['enrolled', paper.tone('strong', printable(hostId))],
          ['server', printable(serverId)],
          ['attestation key', akName],
          ['state', printable(options.state)],
        ]),
    };
  } finally {
    await device.close();
  }
}

async function attestHost(session: Session, options: DeviceOptions): Promise<Report> {
  const ca = readCa(session, options);
  const device = await openDevice(options);
  try {
    const request = { device, stateDirectory: options.state, server: ca === undefined ? {} : { ca } };
    return reportResult(await keepAppointments(() => attest(request), patience(session, options)));
  } finally {
    await device.close();
  }
}

function reportResult(result: AttestationResult): Report {
  const { verdict, nextAttestationSeconds } = result;
  const trusted = verdict.status === 'affirming';
  const [worst] = verdict.findings.filter(({ severity }) => severity === 'error');
  return {
    data: { verdict, nextAttestationSeconds },
    lines: (paper) => formatVerdict(paper, verdict),
    refusal: trusted
      ? undefined
      : {
          code: worst?.code ?? 'CLI_ATTESTATION_REFUSED',
          message: printable(worst?.message ?? `the verdict is ${verdict.status}`),
          remedy: printable(worst?.remedy ?? cliErrors.CLI_ATTESTATION_REFUSED.remedy),
        },
  };
}

async function runAgent(session: Session, options: RunCommandOptions): Promise<Report> {
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
    const result = await attestUntilTrusted(settings, { minimumStatus: options.minimumStatus });
    return result === undefined ? stopped : reportGood(result);
  });
}

const stopped: Report = {
  data: { stopped: true },
  lines: () => [],
  refusal: {
    code: 'CLI_ATTESTATION_REFUSED',
    message: 'stopped before a verdict was good enough',
    remedy: cliErrors.CLI_ATTESTATION_REFUSED.remedy,
  },
};

/** The verdict satisfied what was asked for, which may be less than affirming. */
function reportGood({ verdict, nextAttestationSeconds }: AttestationResult): Report {
  return { data: { verdict, nextAttestationSeconds }, lines: (paper) => formatVerdict(paper, verdict) };
}

function formatEvent(event: AgentEvent): string {
  const next = `again in ${Math.round(event.waitMs / 1000)} s`;
  if (event.kind === 'failed') return `${formatFailure(event.failure)}; ${next}`;
  const { verdict } = event.result;
  const errors = verdict.findings.filter(({ severity }) => severity === 'error');
  const why = errors.map(({ code, message }) => `; ${printable(code)}: ${printable(message)}`).join('');
  return `verdict ${printable(verdict.status)}${why}; ${next}`;
}
