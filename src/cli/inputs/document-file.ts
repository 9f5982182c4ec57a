// Documents named on the command line. Apart from other files: most commands read none, and the reader of YAML takes long to load.
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { decodeUtf8, firstLine, printable } from '../../core/encoding/index.ts';
import { CliError } from '../errors.ts';
import { naming, readInput } from '../files.ts';
import { asRecord } from '../json.ts';

/** The reader of YAML takes minutes for what is much longer. */
const documentLimit = 4 * 1024 * 1024;

/** A document as operators write it. `what` names it in the sentence.
 * @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED */
export function readDocument(path: string, what: string): Readonly<Record<string, unknown>> {
  const record = asRecord(readYaml(path));
  if (record === undefined) throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(path)} holds no ${what}`);
  return record;
}

/** Whatever a file says in YAML, or in JSON, which is a part of it.
 * @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED */
export function readYaml(path: string): unknown {
  const bytes = readInput(path);
  if (bytes.length > documentLimit)
    throw new CliError(
      'CLI_FILE_TOO_LARGE',
      `${printable(path)} is no document that a server would take: it exceeds 4 MiB`,
    );
  const text = naming(path, () => decodeUtf8(bytes));
  try {
    return parseYaml(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch (cause) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(path)} is neither YAML nor JSON${reasonOf(cause)}`, {
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof YAMLParseError ? `: ${printable(firstLine(cause.message))}` : '';
}
