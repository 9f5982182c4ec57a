// `touchstone golden import`: reference values as others write them, as drafts. Offline.
import { basename, join } from 'node:path';
import { Option, type Command } from 'commander';
import { importFormats, importGolden, type GoldenImport, type ImportFormat } from '../../core/import/index.ts';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { encodeGoldenStatement, documentIdOf } from '../../core/golden/index.ts';
import { parseCrl, parseTrustAnchors } from '../../core/x509/index.ts';
import { collectFile, withExamples, withJson } from '../command-line.ts';
import { misuse } from '../errors.ts';
import { parseInput, readInput, requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { readSignerKey } from '../inputs/signer-key.ts';
import { formatTable } from '../table.ts';

interface ImportOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly format?: ImportFormat;
  readonly support?: readonly string[];
  readonly signer?: readonly string[];
  readonly authority?: readonly string[];
  readonly crl?: readonly string[];
  readonly unverified?: boolean;
}

export function addImport(golden: Command, session: Session): void {
  const command = golden
    .command('import')
    .description(
      'Draft golden statements from the reference values of others, one file per layer: CoRIM, TCG PC client RIM, ' +
        'in-toto statements in DSSE or sigstore bundles, CMS. Nothing is trusted by it. The signature is verified with ' +
        'what you name; what no statement can express refuses the whole. Offline. Formats: docs/imports.md.',
    )
    .argument('<file>', 'the file as its maker signed it; its format is told by its bytes')
    .requiredOption('--out <dir>', 'folder for the statements')
    .addOption(new Option('--format <name>', 'refuse the file if it is of another format').choices(importFormats))
    .option('--signer <file>', 'public key (PEM, JWK) or certificate of its maker (may be repeated)', collectFile)
    .option('--authority <file>', 'CA certificates whose certified signers are believed: TCG RIM, CMS', collectFile)
    .option('--crl <file>', 'revocation list of an authority, DER or PEM (may be repeated)', collectFile)
    .option('--support <file>', 'file that the manifest names by its digest: the event log of a TCG RIM', collectFile)
    .option('--unverified', 'take it without a signature, or without looking at the one it has')
    .action((file: string, options: ImportOptions) =>
      answer(session, options, () => importFile(session, file, options)),
    );
  withExamples(
    withJson(command),
    'touchstone golden import vendor-fw-1.7.corim --signer vendor.pub.pem --out drafts/',
    'touchstone golden import server.swidtag --support server.rimel --authority vendor-ca.pem --out drafts/',
    'touchstone golden import kernel.sigstore.json --signer cosign.pub --out drafts/',
    'touchstone golden import kernel.cms --authority release-ca.pem --out drafts/',
    'touchstone golden import unsigned.corim --unverified --out drafts/',
  );
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID, CLI_INPUT_UNRECOGNISED; what `importGolden` refuses */
function importFile(session: Session, file: string, options: ImportOptions): Report {
  const at = session.now();
  const { signer = [], authority = [], crl = [], support = [], unverified, format } = options;
  if (signer.length + authority.length > 0 === (unverified === true)) {
    throw misuse('either --signer or --authority, to verify its signature, or --unverified');
  }
  if (crl.length > 0 && authority.length === 0) throw misuse('--crl goes with --authority');
  const input = { document: readInput(file), support: support.map(readInput), at, ...(format && { format }) };
  const trust = {
    keys: signer.map((path) => readSignerKey(path, at)),
    anchors: authority.flatMap((path) => parseInput(path, (bytes) => parseTrustAnchors(bytes, basename(path)))),
    crls: crl.map((path) => parseInput(path, parseCrl)),
  };
  const imported = importGolden(input, unverified === true ? undefined : trust);
  return report(imported, writeDrafts(imported, options.out));
}

interface Draft {
  readonly layer: string;
  readonly id: string;
  readonly file: string;
}

/** All files or none. */
function writeDrafts({ statements }: GoldenImport, folder: string): readonly Draft[] {
  const drafts = statements.map((statement, index) => {
    const payload = encodeGoldenStatement(statement);
    const { layer } = statement;
    const isOnly = statements.filter((each) => each.layer === layer).length === 1;
    const name = isOnly ? layer : `${layer}-${index + 1}`;
    return { payload, layer, id: documentIdOf(payload), file: join(folder, `${name}.statement.json`) };
  });
  drafts.forEach((draft) => requireAbsent(draft.file));
  drafts.forEach((draft) => writeOutput(draft.file, draft.payload));
  return drafts.map(({ layer, id, file }) => ({ layer, id, file }));
}

function report(imported: GoldenImport, statements: readonly Draft[]): Report {
  const { format, importer, signer, sha256, leftOut, unchecked } = imported;
  return {
    data: { format, importer, signedBy: signer ?? null, sha256: encodeHex(sha256), statements, leftOut, unchecked },
    lines: (paper) => [
      `${format}, ${signer === undefined ? paper.tone('warn', 'nobody vouches for it') : `signed by ${printable(signer, 128)}`}`,
      ...formatTable(
        paper,
        ['layer', 'id', 'file'],
        statements.map(({ layer, id, file }) => [layer, shortId(id), printable(file)]),
      ),
      ...leftOut.map((what) => paper.tone('warn', `left out: ${printable(what, 256)}`)),
      ...unchecked.map((what) => paper.tone('warn', `not checked: ${printable(what, 256)}`)),
      '',
      'nothing is trusted yet: compare with one host (`touchstone golden capture`), then sign',
    ],
  };
}
