// Policy documents as operators write them. What the server takes is the contract's; one thing is easier here: a list of
// revocations is named by its file, and its digests are put in the place of the name.
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { encodeHex, printable } from '../core/encoding/index.ts';
import { CliError } from './errors.ts';
import { readRevocations } from './facts/revocations.ts';
import { readTextInput } from './files.ts';
import { asRecord } from './json.ts';

type Document = Readonly<Record<string, unknown>>;

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; MalformedError EVENT_LOG_REVOCATION_LIST_INVALID */
export function readPolicyDocument(file: string): Document {
  let document: unknown;
  try {
    document = parseYaml(readTextInput(file), { maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} is neither YAML nor JSON`, { cause });
  }
  const record = asRecord(document);
  if (record === undefined) throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no policy document`);
  return expandRevocations(record, file === '-' ? '.' : dirname(file));
}

/** `dbx: shipped` is the list that comes with the CLI; `dbx: { file: DBXUpdate.bin }` one beside the policy. */
function expandRevocations(document: Document, folder: string): Document {
  const facts = asRecord(document['requireFacts']);
  const dbx = facts?.['dbx'];
  const file = asRecord(dbx)?.['file'];
  if (dbx !== 'shipped' && typeof file !== 'string') return document;
  const { name, list } = readRevocations(typeof file === 'string' ? resolve(folder, file) : undefined);
  const demand = { list: name, mustContain: list.digests.map(encodeHex) };
  return { ...document, requireFacts: { ...facts, dbx: demand } };
}
