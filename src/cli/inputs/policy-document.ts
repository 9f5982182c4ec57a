// Policy documents as operators write them: YAML or JSON. What the server takes is the contract's; one thing is easier here: a
// list of revocations is named by its file, and its digests are put in the place of the name.
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parsePolicy, type AppraisalPolicy } from '../../core/appraisal/index.ts';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { MalformedError } from '../../core/error.ts';
import type { RequestBody } from '../connection.ts';
import { misuse } from '../errors.ts';
import { readRevocations } from '../views/facts/revocations.ts';
import { readDocument } from './document-file.ts';
import { findSelectorMistake } from './host-selector.ts';
import { asRecord } from '../json.ts';

type Document = Readonly<Record<string, unknown>>;

export interface PolicyDocument {
  readonly id: string;
  /** As the server takes it: what is wrong with it, the server says, field by field. */
  readonly document: RequestBody<'putPolicy'>;
}

/** @throws CliError CLI_INPUT_UNRECOGNISED, CLI_FILE_*; CLI_USAGE_INVALID when neither document nor option has an id;
 * MalformedError EVENT_LOG_REVOCATION_LIST_INVALID */
export function readPolicyDocument(file: string, id: string | undefined): PolicyDocument {
  const written = readDocument(file, 'policy document');
  const { id: writtenId, ...document } = expandRevocations(written, file === '-' ? '.' : dirname(file));
  const named = id ?? writtenId;
  if (typeof named !== 'string') {
    throw misuse('the policy has no id: add one to the document, or give --id');
  }
  return { id: named, document: document as RequestBody<'putPolicy'> };
}

/** The document as the server will read it, without a server.
 *
 * @throws MalformedError APPRAISAL_POLICY_*, also where it selects no hosts; APPRAISAL_CONDITION_INVALID */
export function parsePolicyDocument({ id, document }: { id: string; document: Document }): AppraisalPolicy {
  const { hosts, verdictSeconds = defaultVerdictSeconds, ...rest } = document;
  const mistake = findSelectorMistake(hosts);
  if (mistake !== undefined) throw new MalformedError('APPRAISAL_POLICY_INVALID', `hosts: ${mistake}`, { at: 'hosts' });
  return parsePolicy({ ...rest, id, version: 1, verdictSeconds });
}

/** As in the API's contract. */
const defaultVerdictSeconds = 3600;

/** In the repository and in the package: beside `src` and `dist`. */
const shippedFolder = join(import.meta.dirname, '../../../policies');

/** Names of the policies that come with Touchstone, sorted. */
export function shippedPolicyNames(): readonly string[] {
  return readdirSync(shippedFolder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** @throws CliError CLI_USAGE_INVALID where none is called so */
export function shippedPolicyFile(name: string): string {
  const known = shippedPolicyNames();
  if (known.includes(name)) return join(shippedFolder, `${name}.yaml`);
  throw misuse(`no policy called ${printable(name)} comes with Touchstone: ${known.join(', ')}`);
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
