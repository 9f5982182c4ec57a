// `touchstone golden fetch`: a folder that `golden sync` reads, made of what the server holds.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify as formatYaml } from 'yaml';
import type { ApiClient } from '../../api/index.ts';
import { counted, encodeBase64, encodeUtf8, nameSome, printable } from '../../core/encoding/index.ts';
import { parseGolden, type ClaimedGolden } from '../../core/golden/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { RefusedError } from '../errors.ts';
import { replaceOutput, writeOutput } from '../files.ts';
import { endedFile, readGoldenFolder, type EndedGolden, type GoldenFolder } from '../inputs/golden-folder.ts';
import { fetchHeldGolden } from '../inputs/held-golden.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { envelopeText } from '../inputs/signed-file.ts';
import { fetchGoldens, type Golden } from './golden-record.ts';

interface FetchOptions extends ServerOptions {
  readonly overwrite?: boolean;
}

export function addFetch(golden: Command, session: Session): void {
  const command = golden
    .command('fetch')
    .summary('write what the server holds into a folder that sync reads')
    .description(
      'Write what the server holds into a folder as `golden sync` reads it: the envelope of each golden measurement that is active or ' +
        'proposed, as it was signed, and in ended.yaml what was retired or revoked. What the folder says already is left as it is; ' +
        'where a file says something else, nothing is written at all.',
    )
    .argument('<dir>', 'folder; made where there is none')
    .option('--overwrite', 'replace files that say something else than the server')
    .action((folder: string, options: FetchOptions) =>
      answer(session, options, () => fetchFolder(session, folder, options)),
    );
  withExamples(
    withServer(command),
    'touchstone golden fetch golden-measurements/ && touchstone golden sync golden-measurements/ --dry-run',
  );
}

/** What a file of the folder would say. `same`: the folder says it already. */
interface Page {
  readonly file: string;
  readonly text: string;
  readonly outcome: 'written' | 'same' | 'differs';
}

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED */
async function fetchFolder(session: Session, folder: string, options: FetchOptions): Promise<Report> {
  const before = existsSync(folder) ? readGoldenFolder(folder) : empty;
  const client = connect(session, options);
  const known = await fetchGoldens(client);
  const pages: Page[] = [];
  for (const { id, state } of known) {
    if (state === 'retired' || state === 'revoked') continue;
    pages.push(pageOf(await fetchEnvelope(client, id), before, folder));
    tellProgress(session, options, pages.length);
  }
  const endPage = pageOfEnds(known, before, folder);
  if (endPage !== undefined) pages.push(endPage);
  const differing = pages.filter(({ outcome }) => outcome === 'differs').map(({ file }) => file);
  if (differing.length > 0 && options.overwrite !== true) throw differs(folder, differing);
  for (const { file, text, outcome } of pages) {
    if (outcome === 'written') writeOutput(join(folder, file), text);
    if (outcome === 'differs') replaceOutput(join(folder, file), text);
  }
  const ids = new Set(known.map(({ id }) => id));
  const further = [...before.envelopes].flatMap(([id, { file }]) => (ids.has(id) ? [] : [file]));
  return reportFetch(folder, { pages, ended: known.flatMap(readEnd).length, further });
}

const empty: GoldenFolder = { envelopes: new Map(), ended: [] };

/** @throws CliError CLI_INPUT_UNRECOGNISED where it is not what its id names */
async function fetchEnvelope(
  client: ApiClient,
  id: string,
): Promise<{ readonly golden: ClaimedGolden; readonly text: string }> {
  const text = envelopeText((await fetchHeldGolden(client, id)).envelope);
  return { golden: parseGolden(encodeUtf8(text)), text };
}

/** Under the name that the folder has for it, or one that no other golden measurement has. */
function pageOf(
  { golden, text }: { readonly golden: ClaimedGolden; readonly text: string },
  { envelopes }: GoldenFolder,
  folder: string,
): Page {
  const found = envelopes.get(golden.id);
  const file = found?.file ?? `${golden.untrustedStatement.layer}-${golden.id.slice('sha256:'.length)}.dsse.json`;
  if (found === undefined) return { file, text, outcome: existsSync(join(folder, file)) ? 'differs' : 'written' };
  const held = new Set(found.golden.signatures.map(({ sig }) => encodeBase64(sig)));
  const isWhole = golden.signatures.every(({ sig }) => held.has(encodeBase64(sig)));
  return { file, text, outcome: isWhole ? 'same' : 'differs' };
}

function readEnd({ id, state, endReason, cve }: Golden): readonly EndedGolden[] {
  if (state !== 'retired' && state !== 'revoked') return [];
  return [{ id, state, reason: endReason || 'no reason was given', ...(cve === undefined ? {} : { cve }) }];
}

/** Undefined where neither has anything to say. What the folder ends and the server does not have stays. */
function pageOfEnds(known: readonly Golden[], before: GoldenFolder, folder: string): Page | undefined {
  const ended = known.flatMap(readEnd);
  const states = new Map(known.map(({ id, state }) => [id, state]));
  const listed = new Map(before.ended.map(({ id, state }) => [id, state]));
  const own = before.ended.filter(({ id }) => !states.has(id));
  const all = [...own, ...ended].sort((left, right) => (left.id < right.id ? -1 : 1));
  const isSaid = listed.size === all.length && all.every(({ id, state }) => listed.get(id) === state);
  if (isSaid && ended.length === 0) return undefined;
  const isThere = existsSync(join(folder, endedFile));
  return { file: endedFile, text: formatYaml(all), outcome: isSaid ? 'same' : isThere ? 'differs' : 'written' };
}

function differs(folder: string, files: readonly string[]): RefusedError {
  const paths = files.map((file) => join(folder, file));
  const verb = files.length === 1 ? 'says' : 'say';
  const message = `${nameSome(paths, 5)} ${verb} something else than the server: nothing was written`;
  const remedy =
    'Fetch into a new folder and compare, or say --overwrite: what the files say is lost then, but for a repository.';
  return new RefusedError('CLI_FILE_EXISTS', message, { remedy });
}

function tellProgress({ stderr }: Session, { json }: FetchOptions, done: number): void {
  if (json !== true && stderr.isTTY === true && done % 100 === 0) stderr.write(`${done} golden measurements\n`);
}

interface Fetched {
  readonly pages: readonly Page[];
  readonly ended: number;
  /** Files of golden measurements that the server does not have. */
  readonly further: readonly string[];
}

function reportFetch(folder: string, { pages, ended, further }: Fetched): Report {
  const files = pages.map(({ file, outcome }) => ({ file, outcome: outcome === 'differs' ? 'replaced' : outcome }));
  const count = (outcome: string): number => files.filter((one) => one.outcome === outcome).length;
  const replaced = count('replaced');
  const parts = [
    `${counted(count('written'), 'file')} written`,
    ...(replaced === 0 ? [] : [`${replaced} replaced`]),
    ...(count('same') === 0 ? [] : [`${count('same')} said it already`]),
  ];
  return {
    data: { folder, files, ended, further },
    lines: (paper) => [
      `${printable(folder)}: ${parts.join(', ')}`,
      ...(pages.length === 0 ? ['the server holds no golden measurement'] : []),
      ...(ended === 0 ? [] : [`${endedFile} lists ${counted(ended, 'golden measurement')} that the server has ended`]),
      ...(further.length === 0
        ? []
        : [paper.tone('warn', `not on the server: ${further.map((file) => printable(file)).join(', ')}`)]),
      paper.tone('dim', `what sync would do now: \`touchstone golden sync ${printable(folder)} --dry-run\``),
    ],
  };
}
