// A server that somebody else runs. It must be one for tests, and that must be clear before the first simulated host is made:
// it is named twice, an operator made the simulator's root a trust anchor there, and no other hosts live there.
import { createApiClient, readAllPages, type ApiClient } from '../../api/index.ts';
import { counted, encodePem, nameSome, printable } from '../../core/encoding/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import { createSimulatorAuthority, type SimulatorAuthority } from '../../simulator/index.ts';
import { readCa, readServerUrl, readToken, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { readDocument } from '../inputs/document-file.ts';
import { writeOutput } from '../files.ts';
import { readSigningKey } from '../changes/golden-signing.ts';
import type { Session } from '../session.ts';
import { namePrefix, prefixOf, type SimulationServer } from './server.ts';
import { readUsageAtServer } from './usage.ts';

export interface GivenServerOptions extends ServerOptions {
  readonly server: string;
  /** Of the fleet. */
  readonly seed: string;
  readonly testServer?: string;
  readonly authority?: string;
  readonly besideOtherHosts?: boolean;
  readonly operatorKey?: readonly string[];
}

/** @throws CliError CLI_SIMULATION_TARGET_REFUSED, CLI_TOKEN_MISSING, CLI_FILE_*, CLI_KEY_UNUSABLE; ApiProblem, ApiUnreachable */
export async function openGivenServer(session: Session, options: GivenServerOptions): Promise<SimulationServer> {
  const baseUrl = readServerUrl(session, options);
  checkNamed(baseUrl, options.testServer);
  if (options.authority === undefined) {
    throw refused(
      'its TPMs need an authority: `touchstone simulate authority FILE` makes one, --authority FILE names it',
    );
  }
  const { authority, secret } = readAuthority(options.authority);
  const operatorKeys = (options.operatorKey ?? []).map(readSigningKey);
  const token = readToken(session, options);
  if (token === undefined) throw new CliError('CLI_TOKEN_MISSING', 'no access token was given', { misuse: true });
  const ca = readCa(session, options);
  const server = { baseUrl, ...(ca === undefined ? {} : { ca }) };
  const api = createApiClient({ ...server, token });
  let isUsable = false;
  try {
    await checkBelieved(api, authority, options.authority);
    await checkPolicies(api);
    await checkHosts(api, { ...options, prefix: prefixOf(secret, options.seed) });
    isUsable = true;
  } finally {
    if (!isUsable) api.close();
  }
  return {
    isOwn: false,
    server,
    operatorToken: token,
    authority,
    secret,
    operatorKeys,
    usage: () => readUsageAtServer(api),
    dataBytes: () => undefined,
    close: () => {
      api.close();
      return Promise.resolve();
    },
  };
}

function checkNamed(baseUrl: string, name: string | undefined): void {
  const { host, hostname } = new URL(baseUrl);
  if (name === host || name === hostname) return;
  const asked = `say that it is a server for tests by its name: --test-server ${hostname}`;
  throw refused(name === undefined ? asked : `${printable(name)} is not the server of ${printable(baseUrl)}; ${asked}`);
}

async function checkBelieved(api: ApiClient, { rootCertificate }: SimulatorAuthority, file: string): Promise<void> {
  const { subject } = parseCertificate(rootCertificate);
  const { items } = await api.call('listTrustAnchors', {});
  if (items.some((anchor) => anchor.subject === subject && anchor.withdrawnAt === undefined)) return;
  const command = `touchstone trust-anchor import ${printable(file)}.pem --name simulator --scope virtual`;
  throw refused(`it does not believe this simulator: an operator of a test server runs \`${command}\``);
}

/** Before hosts are made that could never be trusted. Whether one of them selects the hosts shows later. */
async function checkPolicies(api: ApiClient): Promise<void> {
  const { items } = await api.call('listPolicies', {});
  if (items.length > 0) return;
  throw refused('it has no policy: apply one for hosts with the label simulated=true');
}

interface HostsOfFleet extends Pick<GivenServerOptions, 'seed' | 'besideOtherHosts'> {
  /** How the names of the fleet begin. */
  readonly prefix: string;
}

async function checkHosts(api: ApiClient, { seed, besideOtherHosts, prefix }: HostsOfFleet): Promise<void> {
  const hosts = await readAllPages((query) => api.call('listHosts', { query }));
  const retired = hosts
    .filter(({ id, state }) => id.startsWith(`${prefix}-`) && state === 'retired')
    .map(({ id }) => id);
  if (retired.length > 0) {
    const which = `${counted(retired.length, 'host')} of seed ${printable(seed)} ${retired.length === 1 ? 'was' : 'were'} retired there`;
    throw refused(
      `${which}, and never ${retired.length === 1 ? 'enrols' : 'enrol'} again (${nameSome(retired, 2)}): another --seed makes another fleet`,
    );
  }
  if (besideOtherHosts === true) return;
  const other = hosts.find(({ id, state }) => !id.startsWith(namePrefix) && state !== 'retired');
  if (other === undefined) return;
  throw refused(`other hosts live there (${printable(other.id)}): --beside-other-hosts, if that is as it should be`);
}

function refused(message: string): CliError {
  return new CliError('CLI_SIMULATION_TARGET_REFUSED', message, { misuse: true });
}

/** Writes a new authority: its secret (mode 0600), and beside it, as FILE.pem, the root that a test server may be given.
 * @throws CliError CLI_FILE_EXISTS, CLI_FILE_UNWRITABLE */
export function writeAuthority(file: string, secret: string, at: Date): void {
  const { rootCertificate } = createSimulatorAuthority({ at, seed: secret });
  writeOutput(file, `${JSON.stringify({ simulatorSecret: secret, at: at.toISOString() })}\n`, { mode: 0o600 });
  writeOutput(`${file}.pem`, encodePem('CERTIFICATE', rootCertificate));
}

function readAuthority(file: string): { readonly authority: SimulatorAuthority; readonly secret: string } {
  const { simulatorSecret: secret, at } = readDocument(file, 'authority of a simulator');
  const date = new Date(String(at));
  if (typeof secret !== 'string' || secret.length < 32 || Number.isNaN(date.getTime())) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no authority of a simulator`);
  }
  return { authority: createSimulatorAuthority({ at: date, seed: secret }), secret };
}
