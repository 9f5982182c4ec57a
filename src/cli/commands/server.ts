// `touchstone server`: make a data directory, serve it, look after it.
import { type Command, InvalidArgumentError } from 'commander';
import { join, resolve, sep } from 'node:path';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { cliErrors } from '../errors.ts';
import { writeOutput, writeSecret } from '../files.ts';
import { postgresFilesOf, withPostgresFiles, type PostgresFileOptions } from '../inputs/postgres-files.ts';
import type { Report } from '../report.ts';
import { inServerRoom, withData, type ServerRoom } from '../server-room.ts';
import { answer, type Session } from '../session.ts';
import { aborted, untilSignalled } from '../signals.ts';
import { withStatusLine } from '../status-line.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

interface DataOption {
  readonly json?: boolean;
  readonly data: string;
}

interface InitOptions extends DataOption, PostgresFileOptions {
  readonly serverId?: string;
  readonly listen?: ListenAddress;
  readonly tokenFile?: string;
  readonly singleOperator?: boolean;
  readonly allowUnverifiedEk?: boolean;
  readonly openEnrolment?: boolean;
  readonly storage?: string;
}

interface OperatorOptions extends DataOption {
  readonly tokenFile: string;
  readonly name: string;
}

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export function addServerCommands(program: Command, session: Session): void {
  const server = program
    .command('server')
    .description('the attestation server: make its data directory, run it, look after it');
  addInit(server, session);
  addStart(server, session);
  addDoctor(server, session);
  addOperatorToken(server, session);
}

function addInit(server: Command, session: Session): void {
  const command = withData(server.command('init'))
    .summary('make a data directory: keys, database, configuration, first operator')
    .description(
      'Make the data directory of a server: keys (mode 0600), database, touchstone.yaml and the token of the first ' +
        'operator, which is shown this once. Nothing is ever overwritten.',
    )
    .option('--server-id <name>', 'name the server signs under; the host name unless told')
    .option('--listen <address>', 'address to listen on, e.g. 127.0.0.1:8443', parseListen)
    .option(
      '--storage <url>',
      'PostgreSQL database to keep everything in, e.g. postgres://touchstone@db.example/touchstone',
    )
    .option('--token-file <file>', "write the operator's token to this file (mode 0600) instead of showing it")
    .option('--single-operator', 'trial: one operator approves golden measurements alone')
    .option('--allow-unverified-ek', 'trial: TPMs without a verified certificate may enrol')
    .option('--open-enrolment', 'trial: hosts enrol without a join token')
    .action((options: InitOptions) => answer(session, options, () => initServer(options)));
  withExamples(
    withJson(withPostgresFiles(command)),
    'touchstone server init --data /var/lib/touchstone --server-id attest.example --token-file ~/operator.token',
    'touchstone server init --data ./trial --single-operator',
    'touchstone server init --data /var/lib/touchstone --storage postgres://touchstone@db.example/touchstone --postgres-password-file /etc/touchstone-db/password',
  );
}

function addStart(server: Command, session: Session): void {
  const command = withData(server.command('start'))
    .summary('serve a data directory until it is told to stop')
    .description(
      'Serve a data directory until SIGTERM or SIGINT; requests under way are finished. With `workers` in touchstone.yaml, ' +
        'as several processes: one for each core, over PostgreSQL. With `admission.listen`, one more answers admission at an address ' +
        'of its own.',
    )
    .action((options: DataOption) => answer(session, options, () => startServer(session, options)));
  withExamples(withJson(command), 'touchstone server start --data /var/lib/touchstone');
}

function addDoctor(server: Command, session: Session): void {
  const command = withData(server.command('doctor'))
    .summary('what is wrong, what is weak, and what to do')
    .description('Look at a data directory without serving it. Exit status 1 when something must be put right.')
    .action((options: DataOption) => answer(session, options, () => runDoctor(session, options)));
  withExamples(withJson(command), 'touchstone server doctor --data /var/lib/touchstone');
}

function addOperatorToken(server: Command, session: Session): void {
  const command = withData(server.command('operator'))
    .summary("make an operator's token on this machine, where every one is lost")
    .description(
      "Make an operator's token without one: for whoever may write the store, where every operator's token is lost. Over SQLite the " +
        'server is stopped first; over PostgreSQL it may run. The audit log says that it was made here. Revoke the lost ones then.',
    )
    .requiredOption('--token-file <file>', 'write the token to this new file (mode 0600)')
    .option('--name <name>', 'whom it is for', 'operator, by the server')
    .action((options: OperatorOptions) => answer(session, options, () => createOperator(session, options)));
  withExamples(
    withJson(command),
    'touchstone server operator --data /var/lib/touchstone --token-file ~/operator.token --name ada',
  );
}

async function createOperator(session: Session, { data, tokenFile, name }: OperatorOptions): Promise<Report> {
  const make = (): Promise<string> => inServerRoom((room) => room.addOperator(data, { name, now: session.now() }));
  await writeSecret(tokenFile, make, (token) => token);
  return {
    data: { name, operatorTokenFile: tokenFile },
    lines: () => [
      `operator token: ${printable(tokenFile)}`,
      'next: start the server where it is stopped, then `touchstone token list` and `touchstone token revoke ID` for those that are lost',
    ],
  };
}

function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('HOST:PORT is expected, e.g. 127.0.0.1:8443');
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

async function initServer(options: InitOptions): Promise<Report> {
  const { data, serverId, listen, tokenFile, storage } = options;
  const make = () =>
    inServerRoom((room) =>
      room.initDataDirectory(data, {
        ...(serverId === undefined ? {} : { serverId }),
        ...(listen === undefined ? {} : { listen }),
        allowSingleOperator: options.singleOperator === true,
        allowUnverifiedEk: options.allowUnverifiedEk === true,
        openEnrolment: options.openEnrolment === true,
        ...(storage === undefined ? {} : { storage, postgres: postgresFilesOf(options) }),
      }),
    );
  // A file in the very directory is written once that is there: it is made in an empty place alone.
  const isInside = tokenFile !== undefined && resolve(tokenFile).startsWith(join(resolve(data), sep));
  const made =
    tokenFile === undefined || isInside
      ? await make()
      : await writeSecret(tokenFile, make, (each) => each.operatorToken);
  const { operatorToken, ...shown } = made;
  if (isInside) writeOutput(tokenFile, `${operatorToken}\n`, { mode: 0o600 });
  const token = tokenFile === undefined ? { operatorToken } : { operatorTokenFile: tokenFile };
  return {
    data: { ...shown, ...token },
    lines: (paper) => [
      `${paper.tone('good', 'made')} ${printable(made.dataDirectory)} for ${paper.tone('strong', printable(made.serverId))}`,
      tokenFile === undefined
        ? `operator token, shown this once: ${paper.tone('strong', operatorToken)}`
        : `operator token: ${printable(tokenFile)}`,
      '',
      `next: touchstone server start --data ${printable(data)}`,
      '      touchstone signer create, signer add, trust-anchor import, policy apply; then enrol a host',
    ],
  };
}

async function startServer(session: Session, { data, json }: DataOption): Promise<Report> {
  return untilSignalled(async (signal) => {
    const server = await inServerRoom((room) => room.startConfigured(room.loadConfig(data)));
    const { url, admissionUrl, shortcomings } = server;
    const document = { ok: true, url, ...(admissionUrl === undefined ? {} : { admissionUrl }), shortcomings };
    if (json === true) session.stdout.write(`${JSON.stringify(document)}\n`);
    await Promise.race([aborted(signal), server.failed]).catch(async (error: unknown) => {
      // What it refuses to write down cannot be closed in order either.
      await server.close(0).catch(() => undefined);
      throw error;
    });
    await server.close();
    // The one document was printed at the start; at the end there is nothing to say.
    return { data: {}, lines: () => [], silent: true };
  });
}

async function runDoctor(session: Session, options: DataOption): Promise<Report> {
  const checks = await withStatusLine(session, options, ({ nowAndThen }) => {
    const tell = (entry: number): void => nowAndThen(() => `audit log read up to entry ${entry}`);
    return inServerRoom((room) => room.doctor(options.data, session.now(), tell));
  });
  const problems = checks.filter(({ ok, severity }) => !ok && severity === 'error');
  return {
    data: { checks },
    lines: (paper) => formatChecks(paper, checks),
    refusal:
      problems.length === 0
        ? undefined
        : {
            code: 'CLI_DOCTOR_PROBLEMS',
            message: `what must be put right: ${problems.map(({ name }) => name).join(', ')}`,
            remedy: cliErrors.CLI_DOCTOR_PROBLEMS.remedy,
          },
  };
}

type Check = Awaited<ReturnType<ServerRoom['doctor']>>[number];

function formatChecks(paper: Paper, checks: readonly Check[]): string[] {
  const rows = checks.map(({ name, ok, severity, message, remedy }) => {
    const tone = ok ? 'good' : severity === 'error' ? 'bad' : 'warn';
    const word = ok ? 'ok' : severity === 'error' ? 'wrong' : 'note';
    return [paper.tone(tone, word), name, printable(message) + (ok || remedy === '' ? '' : ` — ${printable(remedy)}`)];
  });
  return formatTable(paper, ['', 'check', 'result'], rows);
}
