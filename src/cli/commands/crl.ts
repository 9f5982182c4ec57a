// `touchstone crl`: revocation lists of the authorities that vouch for TPMs.
import type { Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { encodePem, printable } from '../../core/encoding/index.ts';
import { parseCrl } from '../../core/x509/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { readInput } from '../files.ts';
import { sendOneByOne } from '../one-by-one.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { readCertificates } from './inspect-certificate.ts';

interface ImportOptions extends ServerOptions {
  readonly issuer: string;
  readonly url?: string;
}

type List = JsonAnswerOf<'importRevocationList'>;

export function addCrlCommands(program: Command, session: Session): void {
  const crl = program
    .command('crl')
    .alias('revocation-lists')
    .description('revocation lists of the authorities that vouch for TPMs');
  withExamples(
    withServer(
      crl
        .command('import')
        .description('Store revocation lists. Verdicts that rest on a certificate they revoke end now.')
        .argument('<file...>', 'revocation lists: DER or PEM')
        .requiredOption('--issuer <file>', 'certificate of the issuer, or a bundle with those of all lists')
        .option('--url <url>', 'where the server fetches the next list from; its host must be in revocation.fetchHosts')
        .action((files: readonly string[], options: ImportOptions) =>
          answer(session, options, () => importLists(session, files, options)),
        ),
    ),
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

async function importLists(session: Session, files: readonly string[], options: ImportOptions): Promise<Report> {
  const client = connect(session, options);
  const issuer = readCertificates(readInput(options.issuer))
    .map(({ der }) => encodePem('CERTIFICATE', der))
    .join('');
  const lists = files.map((file) => ({ name: file, list: encodePem('X509 CRL', parseCrl(readInput(file)).der) }));
  const { refusal, ...sent } = await sendOneByOne(lists, ({ list }) => {
    const body = { list, issuer, ...(options.url !== undefined && { url: options.url }) };
    return client.call('importRevocationList', { body });
  });
  const hosts = sent.items.reduce((sum, item) => sum + (item.hosts ?? 0), 0);
  const isAny = sent.items.length > 0;
  return {
    data: { ...sent },
    refusal,
    lines: (paper) => (isAny ? [...formatTable(paper, columns, sent.items.map(row)), ended(hosts)] : []),
  };
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
