// `touchstone trust-anchor bundle`, `sign`: trust anchors with their provenance in one file that operators sign together.
import { type Command, Option } from 'commander';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { ApiClient } from '../../api/index.ts';
import {
  anchorBundlePayloadType,
  encodeAnchorBundle,
  parseAnchorBundle,
  type AnchorBundle,
} from '../../core/anchor-bundle/index.ts';
import { counted, encodeBase64, encodeUtf8, printable } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { readAnchorSources } from '../inputs/anchor-sources.ts';
import { parseCount, parseDateOption, withConsent, withExamples, withJson } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { CliError } from '../errors.ts';
import { parseInput, readInput, requireAbsent, writeOutput } from '../files.ts';
import { readSigningKey, signDocument } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { addSignature, envelopeText, wireEnvelope } from '../inputs/signed-file.ts';
import { formatAnchors } from '../views/anchor-view.ts';

interface SignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

interface BundleOptions extends SignOptions {
  readonly sequence: number;
  readonly source: string;
  readonly takenAt?: Date;
  readonly scope: 'vendor' | 'virtual' | 'platform';
  readonly requireCrl?: boolean;
  readonly out: string;
}

export function addBundleCommands(anchor: Command, session: Session): void {
  addBundle(anchor, session);
  addSign(anchor, session);
}

function addBundle(anchor: Command, session: Session): void {
  withExamples(
    withJson(
      withConsent(
        anchor
          .command('bundle')
          .summary('make and sign a bundle of roots with their provenance')
          .description(
            'Put roots into one file, each with its source, date and digest, and sign it. Other operators add their signatures ' +
              'with `trust-anchor sign`; `trust-anchor import` takes the whole. Certificates as for import.',
          )
          .argument('<path...>', 'certificates: files, folders and cabinets')
          .requiredOption('--sequence <n>', 'its number: higher than that of the bundle before', parseCount)
          .requiredOption('--source <text>', 'where the certificates were taken from')
          .option('--taken-at <date>', 'when they were taken from there; now unless told', parseDateOption)
          .addOption(
            new Option('--scope <scope>', 'as for import').choices(['vendor', 'virtual', 'platform']).default('vendor'),
          )
          .option('--require-crl', 'endorse nobody under them without a fresh revocation list of every issuer')
          .requiredOption('--key <file>', "the signer's private key")
          .requiredOption('--out <file>', 'write the bundle to this new file')
          .action((paths: readonly string[], options: BundleOptions) =>
            answer(session, options, () => makeBundle(session, paths, options)),
          ),
      ),
    ),
    'touchstone trust-anchor bundle certs/infineon certs/nuvoton --sequence 3 --source "certs/SOURCES.json" --key ada.pem --out anchors.dsse.json',
  );
}

function addSign(anchor: Command, session: Session): void {
  withExamples(
    withJson(
      withConsent(
        anchor
          .command('sign')
          .description('Add a signature to a bundle of roots, after a look at what is in it.')
          .argument('<file>', 'the bundle')
          .requiredOption('--key <file>', "the signer's private key")
          .action((file: string, options: SignOptions) =>
            answer(session, options, () => signBundle(session, file, options)),
          ),
      ),
    ),
    'touchstone trust-anchor sign anchors.dsse.json --key grace.pem',
  );
}

/** Whether a path is a file that begins as JSON does: certificates begin otherwise. */
export function isBundle(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true && readInput(path)[0] === 0x7b;
}

export async function importBundle(client: ApiClient, file: string, staged: boolean): Promise<Report> {
  const envelope = wireEnvelope(parseInput(file, parseAnchorBundle));
  const { added, known, sequence, signers } = await client.call('importTrustAnchorBundle', {
    body: { envelope, staged },
  });
  return {
    data: { sequence, signers, items: added, known },
    lines: (paper) => [
      `bundle ${sequence}, signed by ${signers.map((name) => printable(name)).join(', ')}; ${known} known before`,
      ...formatAnchors(paper, added),
    ],
  };
}

async function makeBundle(session: Session, paths: readonly string[], options: BundleOptions): Promise<Report> {
  const { sequence, source, scope, requireCrl, out } = options;
  requireAbsent(out);
  const now = session.now();
  const { found, passedOver } = readAnchorSources(paths, { withIntermediates: false });
  if (found.length === 0) throw new CliError('CLI_INPUT_UNRECOGNISED', 'no root among what was named');
  const payload = encodeAnchorBundle({
    sequence,
    madeAt: now,
    anchors: found.map(({ source: file, certificate }) => ({
      name: basename(file),
      scope,
      revocation: requireCrl === true ? 'require' : 'if-present',
      source: `${source}: ${file}`,
      takenAt: options.takenAt ?? now,
      certificate,
    })),
  });
  const signatures = [signDocument(anchorBundlePayloadType, payload, readSigningKey(options.key))];
  const text = envelopeText({ payloadType: anchorBundlePayloadType, payload: encodeBase64(payload), signatures });
  // Read as the server will: what it would refuse is not signed.
  const bundle = parseAnchorBundle(encodeUtf8(text)).untrustedBundle;
  await confirm(session, bundle, options);
  writeOutput(out, text);
  return reportOf(bundle, out, 1, passedOver);
}

async function signBundle(session: Session, file: string, options: SignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const document = parseInput(file, parseAnchorBundle);
  const bundle = document.untrustedBundle;
  await confirm(session, bundle, options);
  const { signatures } = addSignature(file, document, key);
  return reportOf(bundle, file, signatures, []);
}

async function confirm(session: Session, bundle: AnchorBundle, options: ConsentOptions): Promise<void> {
  const lines = bundle.anchors.map(({ name, certificate, source }) =>
    [printable(name), hashHex('sha256', certificate.der), printable(certificate.subject), printable(source)].join('  '),
  );
  const question = `sign bundle ${bundle.sequence} with these ${lines.length} roots?`;
  await requireConsent(session, options, { lines, question });
}

function reportOf(
  { sequence, anchors }: AnchorBundle,
  file: string,
  signatures: number,
  passedOver: readonly { readonly source: string; readonly reason: string }[],
): Report {
  return {
    data: { sequence, anchors: anchors.length, signatures, file, passedOver },
    lines: () => [
      `bundle ${sequence} with ${counted(anchors.length, 'root')}, ${counted(signatures, 'signature')}: ${printable(file)}`,
      ...passedOver.map(({ source, reason }) => `passed over: ${printable(source)} (${reason})`),
    ],
  };
}
