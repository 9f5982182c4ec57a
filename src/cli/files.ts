// Files named on the command line: read whole, bounded, refused with the path in the sentence. Never overwritten but where a signature is added.
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AttestationError } from '../core/error.ts';
import { decodeUtf8, printable } from '../core/encoding/index.ts';
import { makeFolder, systemReason } from '../files/index.ts';
import { CliError } from './errors.ts';

export const sizeLimit = 64 * 1024 * 1024;

/** @throws CliError CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE */
export function readInput(path: string): Uint8Array {
  try {
    if (path === '-') return new Uint8Array(readFileSync(0));
    // Kernel files (/sys/kernel/security/...) say size 0 and are read to their end all the same.
    if (statSync(path).size > sizeLimit) throw new CliError('CLI_FILE_TOO_LARGE', `${printable(path)} exceeds 64 MiB`);
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('CLI_FILE_UNREADABLE', `${printable(path)} cannot be read (${systemReason(cause)})`, {
      cause,
      misuse: true,
    });
  }
}

/** A file read and parsed: a refusal of its bytes names the file, which matters where a command takes several.
 * @throws CliError CLI_FILE_*; what `parse` throws */
export function parseInput<T>(path: string, parse: (bytes: Uint8Array) => T): T {
  const bytes = readInput(path);
  return naming(path === '-' ? 'standard input' : path, () => parse(bytes));
}

/** What `check` gives; what it refuses begins with `name`. */
export function naming<T>(name: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw nameIn(cause, name);
  }
}

/** What the core refused, or a reader of ours did, with the `name` of whatever it refused before its message; another failure as it is. */
export function nameIn(cause: unknown, name: string): Error {
  if (cause instanceof CliError && cause.code === 'CLI_INPUT_UNRECOGNISED') {
    return new CliError(cause.code, `${printable(name)}: ${cause.message}`, { cause, misuse: cause.misuse });
  }
  if (!(cause instanceof AttestationError)) return cause as Error;
  const { code, message, at, remedy } = cause;
  return new AttestationError(code, `${name}: ${message}`, { cause, at, remedy });
}

/** @throws CliError CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE; MalformedError ENCODING_UTF8_INVALID */
export function readTextInput(path: string): string {
  return parseInput(path, decodeUtf8);
}

export interface WriteOptions {
  /** Permission bits; secrets are 0o600. */
  readonly mode?: number;
}

/** Writes a new file, and its folder where absent.
 * @throws CliError CLI_FILE_EXISTS, CLI_FILE_UNWRITABLE */
export function writeOutput(path: string, content: string | Uint8Array, options: WriteOptions = {}): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content, { flag: 'wx', mode: options.mode ?? 0o644 });
  } catch (cause) {
    // The folder may be a file: then nothing of this name is there, and nothing could be.
    if (systemReason(cause) === 'EEXIST' && existsSync(path)) throw alreadyExists(path, cause);
    throw new CliError('CLI_FILE_UNWRITABLE', `${printable(path)} cannot be written (${systemReason(cause)})`, {
      cause,
    });
  }
}

/** Makes a new secret and writes it to a file that is there before: what is made once only is not lost with a file that cannot be written.
 * @throws CliError CLI_FILE_EXISTS, CLI_FILE_UNWRITABLE; what `make` throws, and then the file is away again */
export async function writeSecret<Made>(
  path: string,
  make: () => Promise<Made>,
  secretOf: (made: Made) => string,
): Promise<Made> {
  writeOutput(path, '', { mode: 0o600 });
  try {
    const made = await make();
    writeFileSync(path, `${secretOf(made)}\n`);
    return made;
  } catch (cause) {
    rmSync(path);
    throw cause;
  }
}

/** Writes a file in the place of an old one: the new one is whole before it takes its name.
 * @throws CliError CLI_FILE_UNWRITABLE */
export function replaceOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(`${path}.part`, content, { mode: 0o644 });
    renameSync(`${path}.part`, path);
  } catch (cause) {
    throw new CliError('CLI_FILE_UNWRITABLE', `${printable(path)} cannot be written (${systemReason(cause)})`, {
      cause,
    });
  }
}

/** For commands whose work would be lost if the file could not be written at its end.
 * @throws CliError CLI_FILE_EXISTS */
export function requireAbsent(path: string): void {
  if (existsSync(path)) throw alreadyExists(path);
}

function alreadyExists(path: string, cause?: unknown): CliError {
  return new CliError('CLI_FILE_EXISTS', `${printable(path)} exists already`, { cause });
}
