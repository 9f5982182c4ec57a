// `touchstone crl`: revocation lists of the authorities that vouch for TPMs.
import type { Command } from 'commander';
import { withConsent, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatRevocationLists } from '../views/revocation-view.ts';
import { importLists, type ImportOptions } from './crl-import.ts';

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
            answer(session, options, () => importLists(session, files, options)),
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

async function listLists(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listRevocationLists', {});
  return {
    data: { items },
    lines: (paper) => (items.length === 0 ? ['no revocation list yet'] : formatRevocationLists(paper, items)),
  };
}
