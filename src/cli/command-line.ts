// Pieces that command definitions share: the options every command has, examples, and values checked while parsing.
import { type Command, InvalidArgumentError } from 'commander';

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** Adds the options of every command that talks to a server. */
export function withServer(command: Command): Command {
  return withJson(
    command
      .option('--server <url>', 'address of the server (or TOUCHSTONE_SERVER)')
      .option('--token <token>', 'access token (or TOUCHSTONE_TOKEN; a file is safer)')
      .option('--token-file <file>', 'file that holds the access token (or TOUCHSTONE_TOKEN_FILE)')
      .option('--ca <file>', 'certificate authority of the server, PEM (or TOUCHSTONE_CA)'),
  );
}

/** Adds `--yes`, for commands that ask before they act. */
export function withConsent(command: Command): Command {
  return command.option('--yes', 'do it without being asked');
}

/** Adds `--dry-run`, for commands that can say first what they would do to the fleet. */
export function withDryRun(command: Command): Command {
  return command.option('--dry-run', 'only say who would gain or lose trust by it, and change nothing');
}

/** Adds the examples that end a command's help. A line that begins with a space continues the one before. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((line) => (line.startsWith(' ') ? `  ${line}` : `  $ ${line}`)).join('\n')}`,
  );
}

/** A whole number of seconds, days and the like, at least 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number of at least 1 is expected');
  return value;
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `7200`, `120m`, `2h` or `3d`, in seconds. */
export function parseDuration(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  const seconds = Number(digits) * (secondsOf[unit] ?? 1);
  if (digits === '' || seconds < 1) throw new InvalidArgumentError('a time such as 3600, 90m, 2h or 3d is expected');
  return seconds;
}

/** What `--jwks` says in the help of commands that take the server's word without it. */
export const ownKeysText = "your own copy of the server's keys, from /.well-known/jwks.json";

/** What `--max-flips` says in every help. */
export const maxFlipsText =
  'refuse when more hosts would gain or lose trust by it, by all of it together where that is several things (see `touchstone what-if`)';

/** Adds the two ways in which a change of trust is refused before it is made. */
export function withGate(command: Command): Command {
  return withInclusion(withMaxFlips(command));
}

export function withMaxFlips(command: Command): Command {
  return command.option('--max-flips <hosts>', maxFlipsText, parseLimit);
}

/** Adds `--include-protected`, for commands that can lose hosts. */
export function withInclusion(command: Command): Command {
  return command.option(
    '--include-protected',
    'do it although hosts are lost that the server protects (lockout.protected)',
  );
}

/** What `withGate` reads. */
export interface GateOptions {
  readonly maxFlips?: number;
  readonly includeProtected?: boolean;
}

/** As the API takes it. */
export function gateQuery({ maxFlips, includeProtected }: GateOptions): GateOptions {
  return {
    ...(maxFlips === undefined ? {} : { maxFlips }),
    ...(includeProtected === undefined ? {} : { includeProtected }),
  };
}

/** A whole number, nought too. */
export function parseLimit(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('a whole number is expected');
  return Number(text);
}

/** A place in the sequence of events. */
export function parseCursor(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a cursor is expected: a whole number');
  return Number(text);
}

/** As the API takes it; a look at what a revocation would do holds it to the same. */
export function parseCve(text: string): string {
  if (!/^CVE-\d{4}-\d{4,10}$/.test(text)) throw new InvalidArgumentError('a CVE is expected, as CVE-2023-40547');
  return text;
}

/** An even number of hexadecimal digits. */
export function parseHexOption(text: string): string {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text))
    throw new InvalidArgumentError('hexadecimal digits are expected, two per byte');
  return text.toLowerCase();
}

/** `2026-11-23` or `2026-11-23T10:00:00Z`. */
export function parseDateOption(text: string): Date {
  const date = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z)?$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('a date is expected: 2026-11-23 or 2026-11-23T10:00:00Z (UTC)');
  }
  return date;
}

/** Collects the values of an option that may be given several times or with commas. */
export function collectList(text: string, previous: readonly string[] | undefined): readonly string[] {
  const parts = text.split(',').filter((part) => part !== '');
  // Nothing of many would be read as if the option had not been given: all of them, where a script's variable is empty.
  if (parts.length === 0) throw new InvalidArgumentError('a value is expected');
  return [...(previous ?? []), ...parts];
}

/** Collects the values of an option that may be given several times, each whole. */
export function collectFile(path: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), path];
}

/** Collects `name=value` pairs of an option that may be given several times. */
export function collectPair(
  text: string,
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('name=value is expected');
  return { ...previous, [name]: value };
}
