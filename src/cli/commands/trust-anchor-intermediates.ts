// The intermediates below `touchstone trust-anchor`: authorities between TPMs and trust anchors that hosts need not send.
import type { Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { encodePem, printable } from '../../core/encoding/index.ts';
import { parseHexOption, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { parseInput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { readId, shortId } from '../inputs/short-id.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { readCertificates } from './inspect-certificate.ts';

interface FetchOptions extends ServerOptions {
  readonly keyId?: string;
  readonly name?: string;
}

type Intermediates = JsonAnswerOf<'listIntermediates'>;
type Intermediate = Intermediates['items'][number];

export function addIntermediateCommands(anchor: Command, session: Session): void {
  const intermediates = anchor
    .command('intermediates')
    .description(
      'authorities between TPMs and trust anchors, for hosts that do not send them; trusted for nothing else',
    );
  addList(intermediates, session);
  addImport(intermediates, session);
  addFetch(intermediates, session);
  addRemove(intermediates, session);
}

function addList(intermediates: Command, session: Session): void {
  withExamples(
    withServer(
      intermediates
        .command('list')
        .description('List the intermediates, where they may be fetched from, and which of them hosts miss.')
        .action((options: ServerOptions) => answer(session, options, () => list(session, options))),
    ),
    'touchstone trust-anchor intermediates list',
  );
}

function addImport(intermediates: Command, session: Session): void {
  withExamples(
    withServer(
      intermediates
        .command('import')
        .description('Store the certificates of these files: all of them lead to trust anchors, or none is stored.')
        .argument('<file...>', 'certificates: PEM, DER or PKCS#7')
        .action((files: readonly string[], options: ServerOptions) =>
          answer(session, options, () => importFiles(session, files, options)),
        ),
    ),
    'touchstone trust-anchor intermediates import vendor-ek-ca.pem',
  );
}

function addFetch(intermediates: Command, session: Session): void {
  withExamples(
    withServer(
      intermediates
        .command('fetch')
        .description(
          'Allow an address, and have the server fetch intermediates from there: now, and again now and then.',
        )
        .argument('<url>', 'its host must be in intermediates.fetchHosts; what certificates name is never fetched')
        .option('--key-id <hex>', 'take only the authority with this key identifier', parseHexOption)
        .option('--name <name>', 'take only the authority of this name, as `list` spells it')
        .action((url: string, options: FetchOptions) =>
          answer(session, options, () => fetchFrom(session, url, options)),
        ),
    ),
    'touchstone trust-anchor intermediates fetch https://pki.example.com/ek-ca.crt --key-id 9f3c1e0a55d27b864c3f0e9d8a7b6c5d4e3f2a1b',
  );
}

function addRemove(intermediates: Command, session: Session): void {
  withExamples(
    withServer(
      intermediates
        .command('remove')
        .description('Forget an intermediate, or an address to fetch some from. Hosts that enrolled with it keep it.')
        .argument('<id>', 'id, as list shows it')
        .action((id: string, options: ServerOptions) => answer(session, options, () => remove(session, id, options))),
    ),
    'touchstone trust-anchor intermediates remove 5f2b81d0',
  );
}

async function list(session: Session, options: ServerOptions): Promise<Report> {
  const data = await connect(session, options).call('listIntermediates', {});
  return {
    data,
    lines: (paper) => [...itemLines(paper, data.items), ...sourceLines(paper, data), ...missingLines(paper, data)],
  };
}

async function importFiles(session: Session, files: readonly string[], options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const certificates = files.flatMap((file) => parseInput(file, readCertificates));
  const pem = certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  const { items } = await client.call('importIntermediates', { body: { pem } });
  return { data: { items }, lines: (paper) => addedLines(paper, items) };
}

async function fetchFrom(session: Session, url: string, { keyId, name, ...options }: FetchOptions): Promise<Report> {
  const body = { url, ...(keyId !== undefined && { keyId }), ...(name !== undefined && { name }) };
  const data = await connect(session, options).call('allowIntermediateSource', { body });
  const { failure } = data.source;
  return {
    data,
    lines: (paper) =>
      failure === undefined
        ? addedLines(paper, data.items)
        : [`allowed, and it gave nothing (${failure}); it is asked again`],
  };
}

async function remove(session: Session, typed: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const { items, sources } = await client.call('listIntermediates', {});
  const id = await readId(typed, {
    what: 'intermediate',
    scheme: '',
    listing: 'touchstone trust-anchor intermediates list',
    list: () => Promise.resolve([...items, ...sources].map((each) => each.id)),
  });
  const isSource = sources.some((source) => source.id === id);
  if (isSource) await client.call('forgetIntermediateSource', { path: { sourceId: id } });
  else await client.call('removeIntermediate', { path: { intermediateId: id } });
  return { data: { removed: id }, lines: () => [`removed ${printable(id)}`] };
}

function addedLines(paper: Paper, items: readonly Intermediate[]): string[] {
  return items.length === 0 ? ['nothing new: they are known already'] : itemLines(paper, items);
}

function itemLines(paper: Paper, items: readonly Intermediate[]): string[] {
  if (items.length === 0)
    return ['no intermediate yet: hosts have to send the certificates between theirs and the root'];
  const rows = items.map(({ subject, notAfter, url, id }) => [
    printable(subject),
    notAfter.slice(0, 10),
    printable(url ?? 'operator'),
    shortId(id),
  ]);
  return formatTable(paper, ['intermediate', 'ends', 'from', 'id'], rows);
}

function sourceLines(paper: Paper, { sources }: Intermediates): string[] {
  if (sources.length === 0) return [];
  const rows = sources.map(({ url, keyId, name, askedAt, failure, id }) => [
    printable(url),
    printable(keyId ?? name ?? 'all it has'),
    askedAt === undefined ? 'not yet' : `${askedAt.slice(0, 16)}${failure === undefined ? '' : ` (${failure})`}`,
    shortId(id),
  ]);
  return ['', ...formatTable(paper, ['fetched from', 'what', 'asked', 'id'], rows)];
}

function missingLines(paper: Paper, { missing }: Intermediates): string[] {
  if (missing.length === 0) return [];
  const rows = missing.map(({ name, keyId, lastAt }) => [printable(name), keyId ?? '-', lastAt.slice(0, 16)]);
  return [
    '',
    ...formatTable(paper, ['missing', 'key identifier', 'last asked for'], rows),
    '',
    'Get it from the maker: `touchstone trust-anchor intermediates import FILE`; a root: `touchstone trust-anchor import FILE`.',
  ];
}
