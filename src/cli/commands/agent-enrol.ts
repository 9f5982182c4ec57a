// `touchstone agent enrol`: make this TPM known to a server.
import type { Command } from 'commander';
import { hostname } from 'node:os';
import {
  awaitApproval,
  enrol,
  keepAppointments,
  type EnrolmentState,
  type DeviceIdentityOptions,
  type EnrolOptions,
} from '../../agent/index.ts';
import { parsePem, printable } from '../../core/encoding/index.ts';
import { isAttributeCertificate, parseAttributeCertificate } from '../../core/x509/index.ts';
import { collectFile, withExamples, withJson } from '../command-line.ts';
import { readCa, readServerUrl, readToken, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { parseInput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { sleepUnless, untilSignalled } from '../signals.ts';
import { formatFacts } from '../table.ts';
import { openDevice, patience, withTpm, type TpmOptions } from './agent-device.ts';
import { readCertificates } from './inspect-certificate.ts';

interface EnrolCommandOptions extends TpmOptions, ServerOptions {
  readonly name: string;
  readonly joinToken?: string;
  readonly ekCertificate?: string;
  readonly ekChain?: string;
  readonly platformCertificate?: readonly string[];
  readonly idevid?: string;
  readonly wait?: boolean;
}

export function addAgentEnrolCommand(agent: Command, session: Session): void {
  const command = withTpm(agent.command('enrol').alias('enroll'))
    .summary('make this TPM known to a server')
    .description(
      'Enrol this host: the server learns which TPM it has, and proves that the attestation key lives in it.',
    )
    .option('--server <url>', 'address of the server (or TOUCHSTONE_SERVER)')
    .option('--token <token>', 'join token (or TOUCHSTONE_TOKEN; a file is safer)')
    .option('--join-token <token>', 'the same as --token')
    .option('--token-file <file>', 'file that holds the join token (or TOUCHSTONE_TOKEN_FILE)')
    .option('--name <name>', 'name of this host', hostname().toLowerCase())
    .option('--ek-certificate <file>', 'EK certificate, for a TPM that does not carry its own')
    .option('--ek-chain <file>', 'intermediate certificates between EK certificate and root')
    .option(
      '--platform-certificate <file>',
      'what the maker of the machine says of it, and certificates of its issuers; may be given several times',
      collectFile,
    )
    .option(
      '--idevid <file>',
      'certificate of the initial attestation key (IAK) that the maker left in the TPM, and those between it and the root',
    )
    .option('--wait', 'where an operator has to approve this host first: ask again, seldom, until one has')
    .action((options: EnrolCommandOptions) => answer(session, options, () => enrolHost(session, options)));
  withExamples(
    withJson(command),
    'touchstone agent enrol --server https://attest.example:8443 --token-file join.token',
    'touchstone agent enrol --server https://attest.example:8443 --wait',
    'touchstone agent enrol --server http://127.0.0.1:8443 --tpm unix:/run/swtpm.sock --ek-chain issuercert.pem',
    'touchstone agent enrol --server https://attest.example:8443 --platform-certificate machine.attrcert.der --platform-certificate maker-ca.pem',
    'touchstone agent enrol --server https://attest.example:8443 --idevid iak-and-issuers.pem',
  );
}

async function enrolHost(session: Session, options: EnrolCommandOptions): Promise<Report> {
  const request = enrolRequest(session, options);
  const identity = options.idevid === undefined ? undefined : readIdentity(options.idevid);
  // Opened for each try: while the host waits, others may need the TPM.
  const enrolOnce = async (): Promise<EnrolmentState> => {
    const device = await openDevice(options);
    try {
      return await enrol({ ...request, device, deviceIdentity: identity && { ...identity, device } });
    } finally {
      await device.close();
    }
  };
  const keep = (signal?: AbortSignal) => keepAppointments(enrolOnce, patience(session, options, signal));
  return reportEnrolment(options.wait === true ? await untilApproved(session, options, keep) : await keep(), options);
}

function enrolRequest(session: Session, options: EnrolCommandOptions): Omit<EnrolOptions, 'device'> {
  const { joinToken } = options;
  const ca = readCa(session, options);
  const [ekCertificate, ...more] =
    options.ekCertificate === undefined ? [] : parseInput(options.ekCertificate, readCertificates);
  const chain = options.ekChain === undefined ? [] : parseInput(options.ekChain, readCertificates);
  return {
    server: { baseUrl: readServerUrl(session, options), ...(ca === undefined ? {} : { ca }) },
    token: readToken(session, joinToken === undefined ? options : { ...options, token: joinToken }),
    stateDirectory: options.state,
    hostName: options.name,
    ekCertificate: ekCertificate?.der,
    ekCertificateChain: [...more, ...chain].map(({ der }) => der),
    platformCertificates: (options.platformCertificate ?? []).flatMap(readPlatformFile),
  };
}

/** The first certificate of the file is that of the key. */
function readIdentity(file: string): Pick<DeviceIdentityOptions, 'certificate' | 'chain'> {
  const [certificate, ...issuers] = parseInput(file, readCertificates);
  if (certificate === undefined)
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no certificate`);
  return { certificate, chain: issuers.map(({ der }) => der) };
}

/** Attribute certificates, and certificates of their issuers, in DER or PEM: the DER of each, in order.
 * @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; MalformedError X509_*, ENCODING_PEM_INVALID */
function readPlatformFile(file: string): readonly Uint8Array[] {
  const certificates = parseInput(file, readPlatformCertificates);
  if (certificates.length === 0)
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no certificate`);
  return certificates;
}

function readPlatformCertificates(bytes: Uint8Array): readonly Uint8Array[] {
  const isPem = bytes[0] === 0x2d;
  const blocks = isPem ? parsePem(new TextDecoder('latin1').decode(bytes)).map((block) => block.bytes) : [bytes];
  return blocks.flatMap((block) =>
    isAttributeCertificate(block)
      ? [parseAttributeCertificate(block).der]
      : readCertificates(block).map((certificate) => certificate.der),
  );
}

/** Asks until an operator has answered, and says so to people. */
function untilApproved(
  session: Session,
  { json }: EnrolCommandOptions,
  enrolOnce: (signal: AbortSignal) => Promise<EnrolmentState>,
) {
  return untilSignalled((signal) =>
    awaitApproval(() => enrolOnce(signal), {
      signal,
      sleep: sleepUnless,
      random: () => Math.random(),
      onWait: ({ message }, waitMs) => {
        if (json !== true) session.stderr.write(`${message}; asking again in ${Math.ceil(waitMs / 1000)} s\n`);
      },
    }),
  );
}

function reportEnrolment({ hostId, serverId, akName }: EnrolmentState, { state }: EnrolCommandOptions): Report {
  return {
    data: { hostId, serverId, akName, state },
    lines: (paper) =>
      formatFacts(paper, [
        ['enrolled', paper.tone('strong', printable(hostId))],
        ['server', printable(serverId)],
        ['attestation key', akName],
        ['state', printable(state)],
      ]),
  };
}
