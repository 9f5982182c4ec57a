// `touchstone simulate`: a fleet that does not exist, against a server that does. What users size their installation with.
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { createApiClient } from '../../api/index.ts';
import { encodeBase64url, printable } from '../../core/encoding/index.ts';
import { withConsent, withExamples, withJson, withServer } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal, Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { untilSignalled } from '../signals.ts';
import { openGivenServer, writeAuthority } from '../simulate/given-server.ts';
import { startOwnServer } from '../simulate/own-server.ts';
import { addSimulationOptions, readOptions, type SimulateOptions } from '../simulate/options.ts';
import { createProgress } from '../simulate/progress.ts';
import { reportOf } from '../simulate/report.ts';
import {
  describeRetired,
  refusalOfRetirement,
  retirementData,
  retireSimulated,
  type Retirement,
} from '../simulate/retire.ts';
import { simulate } from '../simulate/simulate.ts';

export function addSimulateCommands(program: Command, session: Session): void {
  const command = program
    .command('simulate')
    .summary('drive a fleet of simulated hosts, to size an installation')
    .description(
      'Drive a fleet of simulated hosts and say what the server did: counts, pace, latency, and what an attestation cost. ' +
        'Without --server it starts a server of its own on this machine, with TLS, and removes it afterwards: the usual way. ' +
        'The hosts are software TPMs that enrol as real ones do. A server that is given must be one for tests: see docs/simulate.md.',
    );
  // What stands behind `authority` and `clean-up` is theirs.
  command.enablePositionalOptions();
  addSimulationOptions(command);
  command.action((options: SimulateOptions) => answer(session, options, () => runSimulation(session, options)));
  withExamples(
    withJson(command),
    'touchstone simulate --hosts 1000',
    'touchstone simulate --hosts 500 --tampered 2 --arrival even,power-cut --interval 60',
    'touchstone simulate --hosts 1000 --boot /sys/kernel/security/tpm0/binary_bios_measurements --own-logs --json',
    'touchstone simulate --hosts 200 --server https://attest-test.example:8443 --test-server attest-test.example',
    '    --token-file operator.token --authority sim.authority --operator-key ada.key.pem --operator-key grace.key.pem --clean-up',
  );
  addAuthority(command, session);
  addCleanUp(command, session);
}

function addAuthority(command: Command, session: Session): void {
  const authority = command
    .command('authority')
    .description(
      'Make an authority for simulated TPMs: FILE holds its secret, FILE.pem the root that a server for tests may be made to ' +
        'trust. Whoever has the secret can make hosts that such a server believes: never trust the root in production.',
    )
    .argument('<file>', 'file to write, mode 0600')
    .action((file: string, options: { readonly json?: boolean }) =>
      answer(session, options, () => makeAuthority(session, file)),
    );
  withExamples(withJson(authority), 'touchstone simulate authority sim.authority');
}

function addCleanUp(command: Command, session: Session): void {
  const cleanUp = command
    .command('clean-up')
    .description(
      'Retire every simulated host of a server: those named sim-… with the label simulated=true, and no other.',
    )
    .action((options: ServerOptions & ConsentOptions) => answer(session, options, () => runCleanUp(session, options)));
  withExamples(
    withServer(withConsent(cleanUp)),
    'touchstone simulate clean-up --server https://attest-test.example:8443 --token-file operator.token --yes',
  );
}

async function runSimulation(session: Session, given: SimulateOptions): Promise<Report> {
  const options = readOptions(given, session.now());
  const progress = createProgress(session, { quiet: given.json === true });
  return untilSignalled(async (signal) => {
    progress.say(given.server === undefined ? 'starting a server' : 'looking at the server');
    const { server: address } = given;
    const target =
      address === undefined
        ? await startOwnServer({ seed: options.seed, now: session.now() })
        : await openGivenServer(session, { ...given, server: address });
    const { isOwn } = target;
    const cleanUp = async (): Promise<Retirement | undefined> => {
      if (given.cleanUp !== true || isOwn) return undefined;
      const api = createApiClient({ ...target.server, token: target.operatorToken });
      return retireSimulated(api, progress.retired).finally(() => api.close());
    };
    try {
      const [run] = await Promise.allSettled([simulate(target, options, { progress, signal })]);
      const retirement = await cleanUp();
      if (run.status === 'rejected') return failedRun(run.reason, retirement);
      const where = address ?? 'its own, over TLS on this machine, with the load beside it';
      return reportOf(run.value, { server: where, isOwn, options, retirement });
    } finally {
      progress.end();
      await target.close();
    }
  });
}

/** The hosts of a run that failed are retired all the same, and whoever asked for that must learn which.
 * @throws the failure, where none was */
function failedRun(failure: unknown, retirement: Retirement | undefined): Report {
  if (retirement === undefined || retirement.retired.length === 0) throw failure;
  const { refusal } = toRefusal(failure);
  return reportRetirement(retirement, refusal);
}

function makeAuthority(session: Session, file: string): Report {
  writeAuthority(file, encodeBase64url(new Uint8Array(randomBytes(32))), session.now());
  const root = `${file}.pem`;
  return {
    data: { file, root },
    lines: () => [
      `${printable(file)} holds the secret, ${printable(root)} the root for servers for tests:`,
      `touchstone trust-anchor import ${printable(root)} --name simulator --scope virtual`,
    ],
  };
}

async function runCleanUp(session: Session, options: ServerOptions & ConsentOptions): Promise<Report> {
  const client = connect(session, options);
  const lines = ['neither their names nor their TPMs ever enrol again'];
  await requireConsent(session, options, { lines, question: 'retire every simulated host?' });
  const progress = createProgress(session, { quiet: options.json === true });
  const retirement = await retireSimulated(client, progress.retired).finally(() => progress.end());
  return reportRetirement(retirement, refusalOfRetirement(retirement));
}

function reportRetirement(retirement: Retirement, refusal: Refusal | undefined): Report {
  const { retired } = retirement;
  const end = retired.length === 0 ? '' : '; for good: another --seed makes others';
  return {
    data: retirementData(retirement),
    refusal,
    lines: () => [`retired ${describeRetired(retired)}${end}`],
  };
}
