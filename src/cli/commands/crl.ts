// `touchstone crl`: revocation lists of the authorities that vouch for TPMs.
import type { Command } from 'commander';
import { counted, printable } from '../../core/encoding/index.ts';
import { gateQuery, withConsent, withDryRun, withExamples, withInclusion, withServer } from '../command-line.ts';
import { tellWhenFelt } from '../changes/next-attestations.ts';
import { askAboutChange, previewChange, type PreviewOptions } from '../changes/preview.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import { revocationListKind } from '../inputs/named-trust.ts';
import { readId } from '../inputs/short-id.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatRevocationLists, type RevocationListView } from '../views/revocation-view.ts';
import { importLists, type ImportOptions } from './crl-import.ts';

interface RemoveOptions extends ServerOptions, Omit<PreviewOptions, 'maxFlips'> {
  readonly reason: string;
}

export function addCrlCommands(program: Command, session: Session): void {
  const crl = program
    .command('crl')
    .alias('revocation-lists')
    .description('revocation lists of the authorities that vouch for TPMs');
  addImport(crl, session);
  addList(crl, session);
  addRemove(crl, session);
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

function addRemove(crl: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        withInclusion(
          withDryRun(
            crl
              .command('remove')
              .description(
                'Forget a revocation list, and fetch it no more. What it revokes is believed again by the next attestation of each host;\n' +
                  'under an anchor that demands lists, the TPMs of its issuer are denied then. At a terminal it says first whom that concerns.',
              )
              .argument('<id>', 'id of the list, as list shows it')
              .requiredOption('--reason <text>', 'why, for the audit log')
              .action((id: string, options: RemoveOptions) =>
                answer(session, options, () => removeList(session, id, options)),
              ),
          ),
        ),
      ),
    ),
    'touchstone crl remove 5f2b81d0 --reason "list of the test authority" --dry-run',
    'touchstone crl remove 5f2b81d0 --reason "list of the test authority"',
  );
}

async function removeList(session: Session, typed: string, options: RemoveOptions): Promise<Report> {
  const client = connect(session, options);
  let asked: Promise<readonly RevocationListView[]> | undefined;
  const readLists = () => (asked ??= client.call('listRevocationLists', {}).then(({ items }) => items));
  const revocationListId = await readId(typed, revocationListKind(readLists));
  const list = (await readLists()).find(({ id }) => id === revocationListId);
  if (list === undefined) {
    throw new CliError('CLI_ID_UNKNOWN', `there is no revocation list ${revocationListId}: see 'touchstone crl list'`);
  }
  const named = {
    change: { removeRevocationLists: [revocationListId] },
    effect: describeRemoval(list),
    question: `remove the revocation list of ${printable(list.issuer)}?`,
    options,
  };
  if (options.dryRun === true) return previewChange(session, client, named);
  await askAboutChange(session, client, named);
  const body = { reason: options.reason, thisUpdate: list.thisUpdate };
  const lines = client.callLines('removeRevocationList', {
    path: { revocationListId },
    query: gateQuery(options),
    body,
  });
  const removed = await followLines(session, { json: options.json }, lines);
  const felt = await tellWhenFelt(client);
  return {
    data: { list: removed, ...felt.data },
    lines: () => [`the list of ${printable(removed.issuer)} is removed; no verdict ended or came back`, ...felt.lines],
  };
}

/** What no look at the hosts that are there says. */
function describeRemoval({ issuer, thisUpdate, entries, url }: RevocationListView): string {
  const believed =
    entries === 0
      ? 'it revokes no certificate'
      : `${counted(entries, 'certificate')} that it revokes would be believed again`;
  const fetched = url === undefined ? '' : `; it is fetched no more (${printable(url)})`;
  return `${printable(issuer)}, list of ${thisUpdate}: ${believed}, enrolling hosts included; each host feels it by its next attestation${fetched}`;
}

async function listLists(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listRevocationLists', {});
  return {
    data: { items },
    lines: (paper) => (items.length === 0 ? ['no revocation list yet'] : formatRevocationLists(paper, items)),
  };
}
