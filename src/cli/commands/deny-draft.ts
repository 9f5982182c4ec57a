// `touchstone deny draft`: what the advisories of others say, as a deny list that nobody has signed yet.
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { readAllPages } from '../../api/index.ts';
import {
  draftEntries,
  parseAdvisory,
  type Advisory,
  type Artefact,
  type NamedGolden,
} from '../../core/advisory/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { encodeDenyList, type DenyEntry, type DenyList } from '../../core/deny/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { goldenBanks } from '../../core/golden/index.ts';
import { authenticodeDigest, parsePortableExecutable } from '../../core/prediction/index.ts';
import { collectFile, parseDateOption, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { readDenyFile, readGoldenFile } from '../inputs/signed-file.ts';
import { misuse } from '../errors.ts';
import { naming, parseInput, readInput, requireAbsent, writeOutput } from '../files.ts';
import { readGoldenFolder } from '../inputs/golden-folder.ts';
import { fetchHeldGolden } from '../inputs/held-golden.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

interface DraftOptions extends ServerOptions {
  readonly osv?: readonly string[];
  readonly csaf?: readonly string[];
  readonly out: string;
  readonly name?: string;
  readonly onto?: string;
  readonly nextIssue?: Date;
  readonly golden?: readonly string[];
  readonly active?: boolean;
  readonly file?: readonly string[];
}

export function addDraft(deny: Command, session: Session): void {
  const command = deny
    .command('draft')
    .description(
      'Draft a deny list from security advisories: OSV 1.0 to 1.7, CSAF 2.0. Nobody has signed it, and nothing is ' +
        'denied by it. What the advisories say and no boot log shows is listed. Package versions are held against ' +
        'golden measurements that name their package (`golden draft --package`). docs/deny-lists.md',
    )
    .option('--osv <file>', 'an OSV record (may be repeated)', collectFile)
    .option('--csaf <file>', 'a CSAF document (may be repeated); its own signature is not looked at', collectFile)
    .requiredOption('--out <file>', 'deny list to write')
    .option('--name <name>', 'name of the list, which begins with version 1')
    .option('--onto <file>', 'a deny list, signed or not: its entries are kept, its version rises by one')
    .option('--next-issue <date>', 'when the next issue is due', parseDateOption)
    .option('--golden <path>', 'golden measurement, or a folder of them (may be repeated)', collectFile)
    .option('--active', 'the golden measurements that are active at the server')
    .option(
      '--file <file>',
      'a file that an advisory gives the digest of, such as an EFI binary (may be repeated)',
      collectFile,
    ) // prettier-ignore
    .action((options: DraftOptions) => answer(session, options, () => draftList(session, options)));
  withExamples(
    withServer(command),
    'touchstone deny draft --osv DSA-5910-1.json --golden golden-measurements/ --name fleet --out fleet.json',
    'touchstone deny draft --csaf vendor-2026-17.json --file shimx64.efi --onto fleet.dsse.json --out fleet-4.json',
    'touchstone deny draft --osv CVE-2026-12345.json --active --name kernels --out kernels.json',
  );
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID; ADVISORY_*, DENY_LIST_INVALID, and those of golden measurements */
async function draftList(session: Session, options: DraftOptions): Promise<Report> {
  const { osv = [], csaf = [], file = [], out, name, onto, nextIssue } = options;
  if (osv.length + csaf.length === 0) throw misuse('--osv or --csaf: what is it to be drafted from?');
  if ((name === undefined) === (onto === undefined)) throw misuse('either --name, for a new list, or --onto');
  requireAbsent(out);
  const advisories = [
    ...osv.map((path) => parseInput(path, (bytes) => parseAdvisory(bytes, 'osv'))),
    ...csaf.map((path) => parseInput(path, (bytes) => parseAdvisory(bytes, 'csaf'))),
  ];
  const base = onto === undefined ? undefined : readDenyFile(onto).untrustedList;
  const material = { goldens: await readGoldens(session, options), artefacts: file.map(readArtefact) };
  const { entries, leftOut } = draftEntries(advisories, material, base?.entries);
  const before = base?.entries.length ?? 0;
  const list: DenyList = {
    name: base?.name ?? name ?? '',
    version: (base?.version ?? 0) + 1,
    issuedAt: session.now(),
    ...(nextIssue === undefined ? {} : { nextIssue }),
    entries,
  };
  // Encoded either way: a name that is none is told at once.
  const payload = encodeDenyList(list);
  const added = entries.slice(before);
  if (added.length > 0) writeOutput(out, payload);
  return report({ list, added, advisories, leftOut, file: added.length > 0 ? out : undefined });
}

async function readGoldens(session: Session, options: DraftOptions): Promise<readonly NamedGolden[]> {
  const files = (options.golden ?? []).flatMap((path): readonly NamedGolden[] => {
    const found = isFolder(path)
      ? [...readGoldenFolder(path).envelopes.values()].map(({ golden }) => golden)
      : [readGoldenFile(path)];
    return found.map(({ id, untrustedStatement }) => ({ id, statement: untrustedStatement }));
  });
  const active = options.active === true ? await readActive(session, options) : [];
  return [...new Map([...files, ...active].map((golden) => [golden.id, golden])).values()];
}

async function readActive(session: Session, options: DraftOptions): Promise<readonly NamedGolden[]> {
  const client = connect(session, options);
  const all = await readAllPages((query) => client.call('listGoldenMeasurements', { query }));
  const goldens: NamedGolden[] = [];
  for (const { id, state } of all) {
    if (state !== 'active') continue;
    goldens.push({ id, statement: (await fetchHeldGolden(client, id)).statement });
  }
  return goldens;
}

function isFolder(path: string): boolean {
  return path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

function readArtefact(path: string): Artefact {
  const bytes = readInput(path);
  const file = new Map(goldenBanks.map((bank) => [bank, hash(bank, bytes)] as const));
  const isExecutable = bytes[0] === 0x4d && bytes[1] === 0x5a;
  if (!isExecutable) return { file };
  const image = naming(path, () => parsePortableExecutable(bytes));
  return { file, image: new Map(goldenBanks.map((bank) => [bank, authenticodeDigest(image, bank)] as const)) };
}

const shownLeftOut = 50;

interface Drafted {
  readonly list: DenyList;
  readonly added: readonly DenyEntry[];
  readonly advisories: readonly Advisory[];
  readonly leftOut: readonly string[];
  readonly file: string | undefined;
}

function report({ list: { name, version, entries }, added, advisories, leftOut, file }: Drafted): Report {
  const rows = added.map(({ id, denies: { kind }, cves, reason }) => ({ id, kind, cves, reason }));
  const ofOneBank = added.filter(({ denies }) => denies.kind === 'measurement' && denies.digests.size === 1);
  const read = advisories.map(({ format, id, source }) => ({ format, id, source }));
  return {
    data: { file: file ?? null, name, version, entries: entries.length, added: rows, advisories: read, leftOut },
    lines: (paper) => [
      ...(file === undefined
        ? [paper.tone('warn', 'no draft written: nothing in it that a deny list can say and does not say yet')]
        : [`${printable(name)} version ${version}, ${counted(entries.length, 'entry', 'entries')}, ${added.length} new: ${printable(file)}`, '']), // prettier-ignore
      ...formatTable(
        paper,
        ['new entry', 'denies', 'cves', 'reason'],
        rows.map(({ id, kind, cves, reason }) => [id, kind, cves.join(' ') || '-', printable(reason, 80)]),
      ),
      '',
      ...(ofOneBank.length > 0
        ? [paper.tone('warn', `of one bank alone: ${ofOneBank.length} of the new entries. Hosts that quote another are denied too, as unproven`)] // prettier-ignore
        : []),
      ...leftOut.slice(0, shownLeftOut).map((what) => paper.tone('warn', `left out: ${printable(what, 512)}`)),
      ...(leftOut.length > shownLeftOut ? [`and ${leftOut.length - shownLeftOut} more left out: see --json`] : []),
      ...(file === undefined ? [] : ['', 'nothing is denied yet: ask first (`touchstone deny hosts FILE`), then sign']),
    ],
  };
}
