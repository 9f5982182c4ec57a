// The options of `touchstone simulate`: what the fleet is like, when it comes, and which server it comes to.
import { InvalidArgumentError, type Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { parseEventLog } from '../../core/event-log/index.ts';
import type { FleetBoot, Tampering } from '../../simulator/index.ts';
import { collectFile, collectList, parseCount } from '../command-line.ts';
import { readCapture } from '../demo/machine.ts';
import { misuse } from '../errors.ts';
import { readInput } from '../files.ts';
import { arrivals, type ArrivalName } from './arrivals.ts';
import { isToldLater, tamperingsToldLater, usualTamperings } from './fleet.ts';
import type { GivenServerOptions } from './given-server.ts';
import type { SimulationOptions } from './simulate.ts';

export interface SimulateOptions extends Omit<GivenServerOptions, 'server'> {
  readonly server?: string;
  readonly hosts: number;
  readonly arrival: readonly ArrivalName[];
  readonly duration: number;
  readonly interval: number;
  readonly attestations?: number;
  readonly concurrency?: number;
  readonly reconnect?: boolean;
  readonly boot?: readonly string[];
  readonly firmwareBuilds: number;
  readonly kernelBuilds: number;
  readonly ownLogs?: boolean;
  readonly tampered: number;
  readonly tampering?: readonly string[];
  readonly seed: string;
  readonly cleanUp?: boolean;
}

export function addSimulationOptions(command: Command): void {
  addFleetOptions(command);
  addLoadOptions(command);
  addTargetOptions(command);
}

function addFleetOptions(command: Command): void {
  command
    .option('--hosts <n>', 'how many hosts', parseHosts, 1000)
    .option(
      '--boot <kind>',
      'what hosts boot: generated, captured, or the file of a log; several: a mixture',
      collectFile,
    )
    .option('--firmware-builds <n>', 'how many firmwares the generated boots have', parseCount, 1)
    .option('--kernel-builds <n>', 'how many kernels the generated boots have', parseCount, 1)
    .option('--own-logs', 'no two generated logs are alike, as of real machines')
    .option('--tampered <percent>', 'share of hosts that lie', parsePercent, 0)
    .option(
      '--tampering <names>',
      `how they lie: ${tamperingsToldLater.join(', ')}; several kinds unless told`,
      collectList,
    )
    .option('--seed <text>', 'the same seed makes the same fleet', 'touchstone');
}

function addLoadOptions(command: Command): void {
  const names = Object.entries(arrivals).map(([name, text]) => `${name}: ${text}`);
  command
    .option('--arrival <names>', `phases, one after the other. ${names.join('; ')}`, parseArrivals, [
      'power-cut',
      'full-speed',
    ] satisfies ArrivalName[])
    .option('--interval <seconds>', 'how often each host attests', parseCount, 300)
    .option(
      '--duration <seconds>',
      'how long a phase lasts; a power cut lasts until every host was heard',
      parseCount,
      15,
    )
    .option('--attestations <n>', 'end a phase after so many', parseCount)
    .option('--concurrency <n>', 'hosts that talk at once: 16 at full speed, else all up to 2000', parseCount)
    .option('--reconnect', 'a connection for each attestation; without it connections are kept and shared');
}

function addTargetOptions(command: Command): void {
  command
    .option('--server <url>', 'a running server for tests, instead of its own (never taken from the environment)')
    .option('--test-server <name>', 'the name of that server once more: it is one for tests')
    .option('--authority <file>', 'what its simulated TPMs are certified with: see `simulate authority`')
    .option('--operator-key <file>', 'key of an operator who signs what the hosts boot; several times', collectFile)
    .option('--beside-other-hosts', 'although other hosts live on that server')
    .option('--clean-up', 'retire every simulated host of that server at the end')
    .option('--token-file <file>', "file with an operator's token for that server (or TOUCHSTONE_TOKEN_FILE)")
    .option('--token <token>', 'the token itself (or TOUCHSTONE_TOKEN; a file is safer)')
    .option('--ca <file>', 'certificate authority of that server, PEM (or TOUCHSTONE_CA)');
}

/** @throws CliError CLI_USAGE_INVALID, CLI_FILE_*; MalformedError EVENT_LOG_* */
export function readOptions(given: SimulateOptions, now: Date): SimulationOptions {
  const unknown = given.tampering?.find((name) => !isToldLater(name));
  if (unknown !== undefined) {
    throw misuse(`${printable(unknown)} is no lie of a host that has enrolled: ${tamperingsToldLater.join(', ')}`);
  }
  return {
    hosts: given.hosts,
    seed: given.seed,
    boots: (given.boot ?? ['generated']).map(readBoot),
    firmwareBuilds: given.firmwareBuilds,
    kernelBuilds: given.kernelBuilds,
    ownBootEntries: given.ownLogs === true,
    tampered: {
      share: given.tampered / 100,
      names: (given.tampering as readonly Tampering[] | undefined) ?? usualTamperings,
    },
    arrivals: given.arrival,
    intervalSeconds: given.interval,
    durationSeconds: given.duration,
    attestations: given.attestations,
    concurrency: given.concurrency,
    reconnect: given.reconnect === true,
    now,
  };
}

function readBoot(kind: string): FleetBoot {
  if (kind === 'generated') return 'build';
  const log = kind === 'captured' ? readCapture('good') : readInput(kind);
  parseEventLog(log);
  return log;
}

const mostHosts = 100_000;

function parseHosts(text: string): number {
  const hosts = parseCount(text);
  if (hosts > mostHosts)
    throw new InvalidArgumentError(`at most ${mostHosts}: each has a TPM in the memory of this process`);
  return hosts;
}

function parsePercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (!/^\d{1,3}(\.\d{1,3})?%?$/.test(text) || percent > 100) throw new InvalidArgumentError('0 to 100 is expected');
  return percent;
}

function parseArrivals(text: string): readonly ArrivalName[] {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(arrivals, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`one of ${Object.keys(arrivals).join(', ')} is expected`);
  return names as ArrivalName[];
}
