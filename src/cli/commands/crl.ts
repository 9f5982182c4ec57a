// `touchstone crl`: revocation lists of the authorities that vouch for TPMs.
import type { Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { withConsent, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { importLists, type ImportOptions } from './crl-import.ts';

type List = JsonAnswerOf<'listRevocationLists'>['items'][number];

export function addCrlCommands(program: Command, session: Session): void {
  const crl = program
    .command('crl')
    .alias('revocation-lists')
    .description('revocation lists of the authorities that vouch for TPMs');
  addImport(crl, session);
  addList(crl, session);
}

function addImport(crl: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        crl
          .command('import')
          .description(
            'Store revocation lists. Verdicts that rest on a certificate they revoke end now. Each is taken or refused by itself.\n' +
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
            answer(session, options, () => importLists(session, files, { options, formatTaken: formatImported })),
          ),
      ),
    ),
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem --dry-run',
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem',
    'touchstone crl import *.crl --issuer all-issuers.pem',
    'touchstone crl import vendor-ek-ca.crl --issuer vendor-ek-ca.pem --url https://pki.example.com/ek-ca.crl',
  );
}

function addList(crl: Command, session: Session): void {
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

function formatImported(paper: Paper, lists: readonly List[]): string[] {
  const hosts = lists.reduce((sum, list) => sum + (list.hosts ?? 0), 0);
  return [...formatTable(paper, columns, lists.map(row)), ended(hosts)];
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
