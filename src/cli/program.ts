// The commands under one roof.
import { Command, CommanderError, Help, type Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadGroups, type AddCommands } from './command-groups.ts';
import { cliErrors } from './errors.ts';
import { suggestCommands, suggestSiblings } from './misspelt.ts';
import { exitStatus, type Session } from './session.ts';
import { createGuarded, createReadable, inLocale } from './terminal.ts';

const tour = `
First steps:
  $ touchstone demo                                        the whole story on a software TPM, in a minute
  $ touchstone inspect event-log binary_bios_measurements  what a machine measured when it booted
  $ touchstone simulate --hosts 1000                       what a fleet of that size costs a server on this machine
  $ touchstone server init --data /var/lib/touchstone      keys, database and the first operator

Exit status: 0 accepted, 1 refused (with a code that docs/errors.md explains), 2 not understood.
Every command has --json, and --help with examples.`;

/** @param quiet what the parser has to say of misuse goes into the JSON document alone */
export function createProgram(session: Session, groups: readonly AddCommands[], quiet = false): Command {
  const program = new Command('touchstone')
    .description('Measured-boot attestation: which hosts booted what their operators signed.')
    .version(readVersion(), '-V, --version', 'print the version')
    .addHelpText('after', tour)
    // An option belongs to the command it stands behind.
    .enablePositionalOptions()
    .helpCommand('help [command]', 'explain a command')
    .configureHelp({ sortOptions: false, optionDescription: describeOption });
  for (const add of groups) add(program, session);
  forEachCommand(program, (command) => prepare(command, session, quiet));
  program.hook('preAction', (_, command) => {
    session.command = command;
  });
  return program;
}

const parserHelp = new Help();

/** As the parser describes it: lists as they are typed, and marked where the command is not understood without it. */
function describeOption(option: Option): string {
  if (Array.isArray(option.defaultValue)) option.defaultValueDescription ??= option.defaultValue.join(',');
  return `${parserHelp.optionDescription(option)}${option.mandatory && option.defaultValue === undefined ? ' (required)' : ''}`;
}

/** Runs one command line and returns its exit status. Nothing it is given makes it throw. */
export async function runCli(args: readonly string[], world: Omit<Session, 'exitCode'>): Promise<number> {
  const json = args.includes('--json');
  const stdout = createGuarded(world.stdout);
  const stderr = createReadable(createGuarded(world.stderr), world.env);
  const session: Session = { ...world, stdout, stderr, exitCode: exitStatus.accepted };
  try {
    const program = createProgram(session, await loadGroups(args[0]), json);
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitStatus.accepted;
    if (json) stdout.write(`${JSON.stringify(misuse(error), undefined, 2)}\n`);
    return exitStatus.misuse;
  }
  return session.exitCode;
}

function misuse(error: CommanderError): Record<string, unknown> {
  // A group of commands without one of them shows its help.
  const message = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
  return { ok: false, code: 'CLI_USAGE_INVALID', message, remedy: cliErrors.CLI_USAGE_INVALID.remedy };
}

function prepare(command: Command, session: Session, quiet: boolean): void {
  command.exitOverride();
  suggestCommands(command);
  suggestSiblings(command);
  command.showHelpAfterError('hint: add --help to see options and examples');
  command.configureOutput({
    writeOut: (text) => session.stdout.write(inLocale(session.env, text)),
    writeErr: (text) => {
      if (!quiet) session.stderr.write(text);
    },
    outputError: (text, write) => write(text.replace(/^error: /, 'error CLI_USAGE_INVALID: ')),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}

/** Of the package that this file is part of. */
function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
