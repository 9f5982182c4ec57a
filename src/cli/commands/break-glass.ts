// `touchstone break-glass`: hosts that must be admitted although no golden measurement accepts what they booted.
import { Option, type Command } from 'commander';
import {
  collectList,
  collectPair,
  parseDuration,
  withConsent,
  withExamples,
  withJson,
  withServer,
} from '../command-line.ts';
import type { ServerOptions } from '../connection.ts';
import { answer, type Session } from '../session.ts';
import {
  endBreakGlass,
  listBreakGlass,
  showBreakGlass,
  submitBreakGlass,
  type EndOptions,
} from './break-glass-list.ts';
import { proposeBreakGlass, type ProposeOptions } from './break-glass-propose.ts';
import { signBreakGlass, type SignOptions } from './break-glass-sign.ts';

const story = `
The way of a break-glass statement:
  propose   the boots that hosts show now, why they are admitted, and for how long: a file that nobody has signed
  sign      an operator reads it and signs it, offline, with a key of their own
  submit    signed by the quorum it is in force: admission answers allow, and says on what ground
  end       before its time; it ends by itself, and for a host that boots again
What is denied, revoked, in quarantine or not proved stays refused. See docs/break-glass.md.`;

export function addBreakGlassCommands(program: Command, session: Session): void {
  const group = program
    .command('break-glass')
    .description('hosts that a quorum admits for a while although no golden measurement accepts them')
    .addHelpText('after', story);
  addPropose(group, session);
  addSign(group, session);
  addSubmit(group, session);
  addList(group, session);
  addShow(group, session);
  addEnd(group, session);
}

function addPropose(group: Command, session: Session): void {
  const command = group
    .command('propose')
    .description('Write a statement about the boots that hosts show now. Nothing is admitted by it.')
    .option('--host <host>', 'a host; may be repeated', collectList)
    .option('--label <name=value>', 'hosts with this label that it can help; with several, hosts with all', collectPair)
    .requiredOption('--for <time>', 'how long from now, e.g. 4h', parseDuration)
    .requiredOption('--reason <text>', 'why: it stands in every answer and in the audit log')
    .requiredOption('--ticket <text>', 'where the incident is kept')
    .addOption(
      new Option('--as <status>', 'what the hosts are taken for')
        .choices(['affirming', 'warning'])
        .default('affirming'),
    )
    .requiredOption('--out <file>', 'where the statement is written, JSON')
    .action((options: ProposeOptions) => answer(session, options, () => proposeBreakGlass(session, options)));
  withExamples(
    withServer(command),
    'touchstone break-glass propose --host hv-17.rack3 --for 4h --out hv-17.json',
    '    --reason "kernel hotfix before its golden measurement" --ticket INC-4711',
  );
}

function addSign(group: Command, session: Session): void {
  const command = group
    .command('sign')
    .description(
      'Sign a statement with your own key, offline. It becomes an envelope beside it; an envelope gains a signature.',
    )
    .argument('<file>', 'the statement, JSON, or its envelope')
    .requiredOption('--key <file>', 'your private key, PEM')
    .action((file: string, options: SignOptions) =>
      answer(session, options, () => signBreakGlass(session, file, options)),
    );
  withExamples(
    withConsent(withJson(command)),
    'touchstone break-glass sign hv-17.json --key alice.key',
    'touchstone break-glass sign hv-17.dsse.json --key bob.key',
  );
}

function addSubmit(group: Command, session: Session): void {
  withExamples(
    withServer(
      group
        .command('submit')
        .description('Put a signed statement into force, at once.')
        .argument('<file>', 'the envelope, signed by the quorum')
        .action((file: string, options: ServerOptions) =>
          answer(session, options, () => submitBreakGlass(session, file, options)),
        ),
    ),
    'touchstone break-glass submit hv-17.dsse.json',
  );
}

function addList(group: Command, session: Session): void {
  withExamples(
    withServer(
      group
        .command('list')
        .description('List the statements, in force and past.')
        .action((options: ServerOptions) => answer(session, options, () => listBreakGlass(session, options))),
    ),
    'touchstone break-glass list',
  );
}

function addShow(group: Command, session: Session): void {
  withExamples(
    withServer(
      group
        .command('show')
        .description('Show a statement, and which of its hosts it covers now.')
        .argument('<id>', 'id of the statement, or its beginning')
        .action((id: string, options: ServerOptions) =>
          answer(session, options, () => showBreakGlass(session, id, options)),
        ),
    ),
    'touchstone break-glass show sha256:4f1d9c02',
  );
}

function addEnd(group: Command, session: Session): void {
  withExamples(
    withServer(
      group
        .command('end')
        .description('End a statement at once. It never comes back.')
        .argument('<id>', 'id of the statement, or its beginning')
        .requiredOption('--reason <text>', 'why: it is kept in the audit log')
        .action((id: string, options: EndOptions) =>
          answer(session, options, () => endBreakGlass(session, id, options)),
        ),
    ),
    'touchstone break-glass end sha256:4f1d9c02 --reason "golden measurements are active, INC-4711"',
  );
}
