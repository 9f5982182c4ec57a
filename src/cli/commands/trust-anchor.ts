// `touchstone trust-anchor`: the roots that TPM certificates must chain to.
import { type Command, Option } from 'commander';
import { basename } from 'node:path';
import { counted, encodePem, printable } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import type { AnchorScope } from '../../core/x509/index.ts';
import { readAnchorSources } from '../inputs/anchor-sources.ts';
import { gateQuery, withConsent, withDryRun, withExamples, withInclusion, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError, misuse } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import { previewChange, requireConsentTo, type PreviewOptions } from '../changes/preview.ts';
import { anchorKind } from '../inputs/named-trust.ts';
import { notFelt, tellWhenFelt } from '../changes/next-attestations.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { readId, readIds } from '../inputs/short-id.ts';
import { formatAnchors, type Anchor } from '../views/anchor-view.ts';
import { addBundleCommands, importBundle, isBundle } from './trust-anchor-bundle.ts';
import { addIntermediateCommands } from './trust-anchor-intermediates.ts';

interface ImportOptions extends ServerOptions {
  readonly scope?: AnchorScope;
  readonly name?: string;
  readonly requireCrl?: boolean;
  readonly withIntermediates?: boolean;
  readonly stage?: boolean;
}

interface WithdrawOptions extends ServerOptions, Omit<PreviewOptions, 'maxFlips'> {
  readonly reason: string;
}

export function addTrustAnchorCommands(program: Command, session: Session): void {
  const anchor = program
    .command('trust-anchor')
    .alias('trust-anchors')
    .description('roots of TPM makers that the server believes');
  addImport(anchor, session);
  withExamples(
    withServer(
      anchor
        .command('list')
        .description('List the trust anchors.')
        .action((options: ServerOptions) => answer(session, options, () => listAnchors(session, options))),
    ),
    'touchstone trust-anchor list',
  );
  withExamples(
    withServer(
      anchor
        .command('activate')
        .description('Trust roots that were staged.')
        .argument('<id...>', 'anchor ids, as list shows them')
        .action((ids: readonly string[], options: ServerOptions) =>
          answer(session, options, () => activateAnchors(session, ids, options)),
        ),
    ),
    'touchstone trust-anchor activate 5f2b81d0',
  );
  addWithdraw(anchor, session);
  addBundleCommands(anchor, session);
  addIntermediateCommands(anchor, session);
}

function addImport(anchor: Command, session: Session): void {
  withExamples(
    withServer(
      anchor
        .command('import')
        .alias('add')
        .description(
          'Trust the certificates of these files as roots of endorsement keys; or those of one bundle that a quorum of operators signed. ' +
            'What is trusted so already is left as it is.',
        )
        .argument(
          '<path...>',
          'certificates: PEM, DER or PKCS#7, bundles taken whole; of folders and cabinets (.cab), the roots in them',
        )
        .addOption(
          new Option(
            '--scope <scope>',
            '`vendor` unless told; `virtual` for roots of software TPMs: endorsed, but not hardware; `platform` for makers of machines, who vouch for no TPM',
          ).choices(['vendor', 'virtual', 'platform']),
        )
        .option('--name <name>', 'name of the anchor; the file name unless told')
        .option('--with-intermediates', 'of folders and cabinets, trust authorities below the roots by themselves, too')
        .option('--require-crl', 'endorse nobody under it without a fresh revocation list of every issuer')
        .option('--stage', 'import only: nobody is endorsed under it until `trust-anchor activate`')
        .action((files: readonly string[], options: ImportOptions) =>
          answer(session, options, () => importAnchors(session, files, options)),
        ),
    ),
    'touchstone trust-anchor import certs/infineon/*.pem',
    'touchstone trust-anchor import TrustedTpm.cab --stage',
    'touchstone trust-anchor import anchors.dsse.json --stage',
    'touchstone trust-anchor import swtpm-localca-rootca-cert.pem --scope virtual',
    'touchstone trust-anchor import server-maker-platform-ca.pem --scope platform',
  );
}

function addWithdraw(anchor: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        withInclusion(
          withDryRun(
            anchor
              .command('withdraw')
              .description(
                'Stop trusting a root. Verdicts of the hosts it vouched for end now; they need another endorser.\n' +
                  'At a terminal it says first who that is and who would find another.',
              )
              .argument('<id>', 'anchor id, as list shows it')
              .requiredOption('--reason <text>', 'why, for the audit log')
              .action((id: string, options: WithdrawOptions) =>
                answer(session, options, () => withdrawAnchor(session, id, options)),
              ),
          ),
        ),
      ),
    ),
    'touchstone trust-anchor withdraw 5f2b81d0 --reason "authority compromised" --dry-run',
    'touchstone trust-anchor withdraw 5f2b81d0 --reason "authority compromised"',
  );
}

async function activateAnchors(session: Session, typed: readonly string[], options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const ids = await readIds(typed, anchorKind(client));
  const { items, notSent, refusal } = await sendOneByOne(
    ids.map((name) => ({ name })),
    async ({ name: anchorId }) => {
      await client.call('activateTrustAnchor', { path: { anchorId } });
      return anchorId;
    },
  );
  return {
    data: { activated: items, notSent },
    lines: () => items.map((id) => `${printable(id)} is trusted now`),
    refusal,
  };
}

async function withdrawAnchor(session: Session, typed: string, options: WithdrawOptions): Promise<Report> {
  const client = connect(session, options);
  const anchorId = await readId(typed, anchorKind(client));
  const named = {
    change: { withdrawAnchors: [anchorId] },
    effect:
      'the verdicts of the hosts it vouches for end at once; whom somebody else vouches for has another by its next attestation',
    question: `withdraw ${printable(anchorId)}?`,
    options,
  };
  if (options.dryRun === true) return previewChange(session, client, named);
  await requireConsentTo(session, client, named);
  const { reason } = options;
  const query = gateQuery(options);
  const lines = client.callLines('withdrawTrustAnchor', { path: { anchorId }, query, body: { reason } });
  const { hosts } = await followLines(session, { json: options.json }, lines);
  const felt = hosts === 0 ? notFelt : await tellWhenFelt(client);
  return {
    data: { anchorId, hosts, ...felt.data },
    lines: () => [
      `withdrawn; ${hosts === 0 ? 'no host rested on it' : `the verdicts of ${counted(hosts, 'host')} that it vouched for are void`}`,
      ...felt.lines,
    ],
  };
}

async function importAnchors(session: Session, paths: readonly string[], options: ImportOptions): Promise<Report> {
  const client = connect(session, options);
  const bundle = paths.find(isBundle);
  if (bundle !== undefined) {
    refuseBeside(bundle, paths, options);
    return importBundle(client, bundle, options.stage === true);
  }
  const { found, passedOver } = readAnchorSources(paths, { withIntermediates: options.withIntermediates === true });
  if (found.length === 0) throw new CliError('CLI_INPUT_UNRECOGNISED', 'no root among what was named');
  const asked = {
    scope: options.scope ?? 'vendor',
    revocation: options.requireCrl === true ? 'require' : 'if-present',
    staged: options.stage === true,
  } as const;
  const standing = new Map((await client.call('listTrustAnchors', {})).items.map((anchor) => [anchor.id, anchor]));
  const anchors = found
    .filter(({ certificate }) => !standsAs(standing.get(hashHex('sha256', certificate.der)), asked))
    .map(({ source, certificate }) => ({ name: source, certificate }));
  const known = found.length - anchors.length;
  const { refusal, ...sent } = await sendOneByOne(anchors, ({ name: source, certificate }) => {
    const body = { name: options.name ?? basename(source), pem: encodePem('CERTIFICATE', certificate.der), ...asked };
    return client.call('createTrustAnchor', { body });
  });
  return {
    data: { ...sent, known, passedOver },
    lines: (paper) => [
      ...formatAnchors(paper, sent.items),
      ...(known === 0 ? [] : [`${known} known before`]),
      ...passedOver.map(({ source, reason }) => `passed over: ${printable(source)} (${reason})`),
    ],
    refusal,
  };
}

/** What a bundle says of its roots stands under its signatures.
 * @throws CliError CLI_USAGE_INVALID */
function refuseBeside(bundle: string, paths: readonly string[], options: ImportOptions): void {
  if (paths.length > 1) throw misuse(`${printable(bundle)} is a bundle that operators signed: import it alone`);
  const { scope, name, requireCrl, withIntermediates } = options;
  if ([scope, name, requireCrl, withIntermediates].some((option) => option !== undefined))
    throw misuse(
      '--scope, --name, --require-crl and --with-intermediates do not go with a bundle: it says itself what its roots are',
    );
}

/** Whether nothing would be another than it is, but a name. */
function standsAs(anchor: Anchor | undefined, asked: Pick<Anchor, 'scope' | 'revocation' | 'staged'>): boolean {
  if (anchor === undefined || anchor.withdrawnAt !== undefined) return false;
  const { scope, revocation, staged } = anchor;
  return scope === asked.scope && revocation === asked.revocation && staged === asked.staged;
}

async function listAnchors(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listTrustAnchors', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no trust anchor yet: no TPM can enrol until one is imported']
        : formatAnchors(paper, items),
  };
}
