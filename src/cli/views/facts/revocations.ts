// Is a dbx current? Held against the list that comes with the CLI, or against one that the operator names.
import { basename, join } from 'node:path';
import { printable } from '../../../core/encoding/index.ts';
import {
  missingRevocations,
  parseRevocationList,
  type BootFacts,
  type RevocationList,
} from '../../../core/event-log/index.ts';
import { parseInput } from '../../files.ts';

const shippedList = join(import.meta.dirname, '../../revocations/dbx-x64.txt');

export interface NamedRevocations {
  /** File name and date. */
  readonly name: string;
  readonly list: RevocationList;
}

export interface Revocations {
  /** The list in words: how many, of which list. */
  readonly list: string;
  readonly name: string;
  readonly total: number;
  /** Digests that dbx lacks; `undefined` where dbx is not known. */
  readonly missing: readonly Uint8Array[] | undefined;
}

/** @throws CliError CLI_FILE_*; MalformedError EVENT_LOG_REVOCATION_LIST_INVALID */
export function readRevocations(file: string = shippedList): NamedRevocations {
  const list = parseInput(file, parseRevocationList);
  const title = file === '-' ? 'standard input' : printable(basename(file), 64);
  return { name: list.newest === undefined ? title : `${title} of ${list.newest}`, list };
}

export function compareRevocations(
  { signatureDatabases: { dbx } }: BootFacts,
  { name, list }: NamedRevocations,
): Revocations {
  const total = list.digests.length;
  const missing = dbx && missingRevocations(dbx.value, list.digests);
  return { list: `the ${total} digests in ${name}`, name, total, missing };
}
