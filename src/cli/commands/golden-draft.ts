// `touchstone golden draft`: what a statement says of itself, before anybody signs it.
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { parsePackageUrl } from '../../core/advisory/index.ts';
import { spkiDigest, type PublicKey } from '../../core/crypto/index.ts';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import {
  encodeGoldenStatement,
  expectationDigest,
  documentIdOf,
  parseGoldenStatement,
  type ExpectedFiles,
  type GoldenStatement,
} from '../../core/golden/index.ts';
import { readAccepted, withAcceptRevoked, type AcceptRevokedOptions } from '../inputs/accept-revoked.ts';
import { collectFile, parseDateOption, withExamples, withJson } from '../command-line.ts';
import { misuse } from '../errors.ts';
import { readSigner } from '../changes/golden-signing.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { requireWholeGoldenId, shortId } from '../inputs/short-id.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { readGoldenFile } from '../inputs/signed-file.ts';

interface DraftOptions extends AcceptRevokedOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly description?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly supersedes?: string;
  readonly package?: readonly string[];
  readonly excludePath?: readonly string[];
  readonly fileSigner?: readonly string[];
}

export function addDraft(golden: Command, session: Session): void {
  const command = golden
    .command('draft')
    .description(
      'Write statements anew with a description, a package, a validity or a predecessor. What they expect stays as it is, but for ' +
        'files (layer runtime), where --exclude-path and --file-signer add to it. They are other golden measurements then, and nobody ' +
        'has signed them yet. Offline.',
    )
    .argument('<file...>', 'statements, or envelopes whose statement is taken')
    .requiredOption('--out <dir>', 'folder for the new statements')
    .option('--description <text>', 'what it is, in words: kernel 6.1.0-57 of Debian 12')
    .option('--not-before <date>', 'matches nothing before this time', parseDateOption)
    .option('--not-after <date>', 'matches nothing from this time on', parseDateOption)
    .option('--supersedes <id>', 'golden measurement that this one takes the place of')
    .option('--package <purl>', 'package it is of, as a further subject: pkg:deb/debian/linux@6.1.90-1', collectFile)
    .option(
      '--exclude-path <path>',
      'layer runtime: look at no file here, whatever is in it; a whole path, or one that ends in / for all below it; may be repeated',
      collectFile,
    )
    .option(
      '--file-signer <file>',
      'layer runtime: accept files that this key signed (security.ima): RSA, public, PEM; may be repeated',
      collectFile,
    )
    .action((files: readonly string[], options: DraftOptions) =>
      answer(session, options, () => draftGoldens(files, options)),
    );
  withExamples(
    withJson(withAcceptRevoked(command)),
    'touchstone golden draft drafts/kernel.statement.json --out ready/ --description "kernel 6.1.0-57"',
    '    --supersedes sha256:4f1d9c02aa317b5e0d6e4b7f8a21c3956e0f4d2b1a8c7e6f5d4c3b2a19087f6e --not-before 2026-12-01',
    'touchstone golden draft drafts/kernel.statement.json --out ready/ --package pkg:deb/debian/linux@6.1.90-1?distro=debian-12',
    'touchstone golden draft drafts/runtime.statement.json --out ready/ --exclude-path /var/log/ --file-signer vendor-ima.pub.pem',
    'touchstone golden draft golden/*.dsse.json --out renewed/ --not-after 2028-01-01',
    'touchstone golden draft drafts/kernel.statement.json --out ready/ --accept-revoked sha256:4f1d9c02aa317b5e0d6e4b7f8a21c3956e0f4d2b1a8c7e6f5d4c3b2a19087f6e --reason "revoked in error"',
  );
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID; MalformedError GOLDEN_* */
function draftGoldens(names: readonly string[], options: DraftOptions): Report {
  const { description, notBefore, notAfter, supersedes, out } = options;
  const accepted = readAccepted(options);
  const acceptsRevoked = accepted.length === 0 ? undefined : accepted;
  const changes = { description, notBefore, notAfter, supersedes, acceptsRevoked };
  const packages = (options.package ?? []).map(requirePackage);
  const files = { excludedPaths: options.excludePath ?? [], signers: (options.fileSigner ?? []).map(readFileSigner) };
  const isOfFiles = files.excludedPaths.length + files.signers.length > 0;
  if (packages.length === 0 && !isOfFiles && Object.values(changes).every((change) => change === undefined))
    throw misuse('no change was named');
  if (supersedes !== undefined) requireWholeGoldenId(supersedes, '--supersedes');
  accepted.forEach(({ id }) => requireWholeGoldenId(id, '--accept-revoked'));
  const drafts = names.map((file) => {
    const { untrustedStatement: read } = readGoldenFile(file);
    const before = isOfFiles ? withFiles(read, { file, ...files }) : read;
    const statement = { ...before, ...defined(changes), subjects: withPackages(before, packages) };
    if (
      statement.notBefore !== undefined &&
      statement.notAfter !== undefined &&
      statement.notBefore >= statement.notAfter
    ) {
      throw misuse(`${printable(file)} would end before it begins`);
    }
    const payload = encodeGoldenStatement(statement);
    // What could not be read again is not written.
    parseGoldenStatement(payload);
    const name = basename(file).replace(/(\.statement|\.dsse)?\.json$/, '');
    return { payload, layer: statement.layer, id: documentIdOf(payload), file: join(out, `${name}.statement.json`) };
  });
  drafts.forEach(({ file }) => requireAbsent(file));
  drafts.forEach(({ file, payload }) => writeOutput(file, payload));
  const statements = drafts.map(({ layer, id, file }) => ({ layer, id, file }));
  return {
    data: { statements },
    lines: (paper) => [
      ...formatTable(
        paper,
        ['layer', 'id', 'file'],
        statements.map(({ layer, id, file }) => [layer, shortId(id), printable(file)]),
      ),
      '',
      'nothing is trusted yet: sign them (`touchstone golden sign FILE --key KEY`)',
    ],
  };
}

type Changes = Partial<
  Pick<GoldenStatement, 'description' | 'notBefore' | 'notAfter' | 'supersedes' | 'acceptsRevoked'>
>;

function defined(changes: { readonly [Name in keyof Changes]: Changes[Name] | undefined }): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

interface MoreFiles extends Pick<ExpectedFiles, 'signers' | 'excludedPaths'> {
  /** That the statement was read from. */
  readonly file: string;
}

/** A subject that is the expectation itself, as those of captures are, goes with it. */
function withFiles(before: GoldenStatement, { file, signers, excludedPaths }: MoreFiles): GoldenStatement {
  const { ima } = before;
  if (ima === undefined)
    throw misuse(
      `${printable(file)} is of layer ${before.layer}: --exclude-path and --file-signer are for layer runtime`,
    );
  const keys = new Map([...ima.signers, ...signers].map((key) => [encodeHex(spkiDigest(key)), key]));
  const more = {
    ...ima,
    excludedPaths: [...new Set([...ima.excludedPaths, ...excludedPaths])],
    signers: [...keys.values()],
  };
  const statement = { ...before, ima: more };
  const [was, is] = [encodeHex(expectationDigest(before)), expectationDigest(statement)];
  const subjects = before.subjects.map((each) => (encodeHex(each.sha256) === was ? { ...each, sha256: is } : each));
  return { ...statement, subjects };
}

/** @throws CliError CLI_FILE_*; MalformedError CRYPTO_KEY_* */
function readFileSigner(file: string): PublicKey {
  return readSigner(file).publicKey;
}

/** What advisories are held against: `touchstone deny draft`. */
function requirePackage(purl: string): string {
  if (parsePackageUrl(purl)?.version === undefined) throw misuse('--package: a package URL with a version is expected');
  return purl;
}

/** The digest of a package is not at hand, nor is the package what is measured: the subject is the layer under that name. */
function withPackages(statement: GoldenStatement, packages: readonly string[]): GoldenStatement['subjects'] {
  const known = new Set(statement.subjects.map(({ name }) => name));
  const added = packages.filter((name) => !known.has(name));
  return [...statement.subjects, ...added.map((name) => ({ name, sha256: expectationDigest(statement) }))];
}
