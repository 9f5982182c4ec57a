// `touchstone crl`: revocation lists of the authorities that vouch for TPMs.
import type { Command } from 'commander';
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { counted, encodePem, printable } from '../../core/encoding/index.ts';
import { parseCrl } from '../../core/x509/index.ts';
import { withConsent, withExamples, withServer } from '../command-line.ts';
import { isAttended, requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import { readInput } from '../files.ts';
import { followLines } from '../follow-lines.ts';
import { sendOneByOne, type SentOneByOne } from '../changes/one-by-one.ts';
import type { Report } from '../report.ts';
import { formatRevocationPreview, type RevocationPreview } from '../views/revocation-view.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { createPaper } from '../terminal.ts';
import { readCertificates } from './inspect-certificate.ts';

type List = JsonAnswerOf<'importRevocationList'>;

interface ImportOptions extends ServerOptions, ConsentOptions {
  readonly issuer: string;
  readonly url?: string;
  readonly dryRun?: boolean;
}

export function addCrlCommands(program: Command, session: Session): void {
  const crl = program
    .command('crl')
    .alias('revocation-lists')
    .description('revocation lists of the authorities that vouch for TPMs');
  withExamples(
    withServer(
      withConsent(
        crl
          .command('import')
          .description(
            'Store revocation lists. Verdicts that rest on a certificate they revoke end now.\n' +
              'At a terminal it asks first where a host would lose trust by it; where nobody can be asked, it does not ask.',
          )
          .argument('<file...>', 'revocation lists: DER or PEM')
          .requiredOption('--issuer <file>', 'certificate of the issuer, or a bundle with those of all lists')
          .option(
            '--url <url>',
            'where the server fetches the next list from, of one file; its host must be in revocation.fetchHosts',
          )
          .option('--dry-run', 'only say what is new on them and which hosts would lose trust, and change nothing')
          .action((files: readonly string[], options: ImportOptions) =>
            answer(session, options, () => importLists(session, files, options)),
          ),
      ),
    ),
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem --dry-run',
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem',
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem --url https://pki.example.com/ek-ca.crl',
  );
  withExamples(
    withServer(
      crl
        .command('list')
        .description('List the revocation lists, and which of them are stale.')
        .action((options: ServerOptions) => answer(session, options, () => listLists(session, options))),
    ),
    'touchstone crl list',
  );
}

interface NamedList {
  /** The file. */
  readonly name: string;
  readonly body: RequestBody<'importRevocationList'>;
}

async function importLists(session: Session, files: readonly string[], options: ImportOptions): Promise<Report> {
  if (options.url !== undefined && files.length > 1)
    throw misuse('--url is where the next list of one issuer is: give it with one file');
  const client = connect(session, options);
  const issuer = readCertificates(readInput(options.issuer))
    .map(({ der }) => encodePem('CERTIFICATE', der))
    .join('');
  const url = options.url === undefined ? {} : { url: options.url };
  const lists = files.map((file): NamedList => {
    const list = encodePem('X509 CRL', parseCrl(readInput(file)).der);
    return { name: file, body: { list, issuer, ...url } };
  });
  if (options.dryRun === true) return previewLists(session, client, { lists, options });
  await requireConsentToLists(session, client, { lists, options });
  const { refusal, ...sent } = await sendOneByOne(lists, ({ body }) => client.call('importRevocationList', { body }));
  const hosts = sent.items.reduce((sum, item) => sum + (item.hosts ?? 0), 0);
  const isAny = sent.items.length > 0;
  return {
    data: { ...sent },
    refusal,
    lines: (paper) => (isAny ? [...formatTable(paper, columns, sent.items.map(row)), ended(hosts)] : []),
  };
}

interface NamedLists {
  readonly lists: readonly NamedList[];
  readonly options: ImportOptions;
}

async function previewLists(session: Session, client: ApiClient, { lists, options }: NamedLists): Promise<Report> {
  const { refusal, ...asked } = await askOneByOne(session, client, { lists, options });
  return {
    data: { done: false, ...asked },
    refusal,
    lines: (paper) => [...asked.items.flatMap((one) => formatRevocationPreview(paper, one)), 'nothing was changed'],
  };
}

/** Where nobody can be asked the lists are taken: what a maker revoked is not believed any longer for want of an answer.
 * @throws CliError CLI_CONSENT_MISSING; what the server says of the lists */
async function requireConsentToLists(
  session: Session,
  client: ApiClient,
  { lists, options }: NamedLists,
): Promise<void> {
  if (options.yes === true || !isAttended(session)) return;
  const { items } = await askOneByOne(session, client, { lists, options });
  if (items.every(({ hosts }) => hosts === 0)) return;
  const paper = createPaper(session.stderr, session.env);
  const lines = items.flatMap((one) => formatRevocationPreview(paper, one));
  await requireConsent(session, options, { lines, question: `import ${counted(lists.length, 'revocation list')}?` });
}

/** Each by itself, as they are imported. */
function askOneByOne(
  session: Session,
  client: ApiClient,
  { lists, options }: NamedLists,
): Promise<SentOneByOne<RevocationPreview>> {
  return sendOneByOne(lists, ({ name, body }) =>
    followLines(session, { json: options.json, name }, client.callLines('previewRevocationList', { body })),
  );
}

async function listLists(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listRevocationLists', {});
  return {
    data: { items },
    lines: (paper) => (items.length === 0 ? ['no revocation list yet'] : formatTable(paper, columns, items.map(row))),
  };
}

function ended(hosts: number): string {
  if (hosts === 0) return 'no host rests on what they revoke';
  return hosts === 1 ? 'the verdict of 1 host is void' : `the verdicts of ${hosts} hosts are void`;
}

const columns = ['issuer', 'made', 'next', 'revoked', 'fetched from'];

function row({ issuer, thisUpdate, nextUpdate, stale, entries, url }: List): string[] {
  const next = nextUpdate?.slice(0, 10) ?? 'never';
  return [
    printable(issuer),
    thisUpdate.slice(0, 10),
    stale ? `${next} (stale)` : next,
    String(entries),
    printable(url ?? '-'),
  ];
}
