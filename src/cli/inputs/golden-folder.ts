// A folder of golden measurements, as it lies in a repository: envelopes, and one list of what has ended.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { printable } from '../../core/encoding/index.ts';
import { parseGolden, type ClaimedGolden } from '../../core/golden/index.ts';
import { readYaml } from './document-file.ts';
import { CliError } from '../errors.ts';
import { readInput } from '../files.ts';
import { asRecord } from '../json.ts';

/** What the folder says of golden measurements that are no longer good. */
export interface EndedGolden {
  readonly id: string;
  readonly state: 'retired' | 'revoked';
  readonly reason: string;
  readonly cve?: string;
}

export interface GoldenFolder {
  /** By id: the same statement in two files counts once, with the signatures of both. */
  readonly envelopes: ReadonlyMap<string, { readonly file: string; readonly golden: ClaimedGolden }>;
  readonly ended: readonly EndedGolden[];
}

/** `ended.yaml` at the root of the folder. */
export const endedFile = 'ended.yaml';
const maximumFiles = 10_000;

/** Reads every `*.dsse.json` below `folder`, whole and strictly: one file that is none refuses the folder.
 * @throws CliError CLI_FILE_UNREADABLE, CLI_INPUT_UNRECOGNISED */
export function readGoldenFolder(folder: string): GoldenFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CliError('CLI_FILE_UNREADABLE', `${printable(folder)} is no folder`, { misuse: true });
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dsse.json') && !name.split(/[\\/]/).some((part) => part.startsWith('.')))
    .sort();
  if (files.length > maximumFiles) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(folder)} holds more than ${maximumFiles} envelopes`);
  }
  const envelopes = new Map<string, { file: string; golden: ClaimedGolden }>();
  for (const file of files) addEnvelope(envelopes, folder, file);
  const ended = readEnded(join(folder, endedFile));
  for (const { id } of ended) envelopes.delete(id);
  return { envelopes, ended };
}

function addEnvelope(
  envelopes: Map<string, { file: string; golden: ClaimedGolden }>,
  folder: string,
  file: string,
): void {
  const path = join(folder, file);
  try {
    const golden = parseGolden(readInput(path));
    const known = envelopes.get(golden.id)?.golden;
    const signatures = [...(known?.signatures ?? []), ...golden.signatures];
    envelopes.set(golden.id, { file: relative(folder, path), golden: { ...golden, signatures } });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(path)}: ${printable(why, 300)}`, { cause });
  }
}

/** `[{ id, state: retired | revoked, reason, cve? }]`; none where there is no such file. */
function readEnded(path: string): readonly EndedGolden[] {
  if (!existsSync(path)) return [];
  const fail = (problem: string): CliError => new CliError('CLI_INPUT_UNRECOGNISED', `${printable(path)}: ${problem}`);
  const document = readYaml(path);
  if (!Array.isArray(document)) throw fail('a list is expected');
  return document.map((entry, index): EndedGolden => {
    const { id, state, reason, cve, ...more } = asRecord(entry) ?? {};
    const isId = typeof id === 'string' && /^sha256:[0-9a-f]{64}$/.test(id);
    const isState = state === 'retired' || state === 'revoked';
    const isCve = cve === undefined || typeof cve === 'string';
    if (!isId || !isState || typeof reason !== 'string' || reason === '' || !isCve || Object.keys(more).length > 0) {
      throw fail(`entry ${index + 1} must be { id: sha256:…, state: retired or revoked, reason, and perhaps cve }`);
    }
    return { id, state, reason, ...(cve === undefined ? {} : { cve }) };
  });
}
