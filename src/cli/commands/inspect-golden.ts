// `touchstone inspect golden`: what a golden measurement says, signed or not.
import { spkiDigest } from '../../core/crypto/index.ts';
import { encodeBase64url, encodeHex, printable, printableAgain } from '../../core/encoding/index.ts';
import { describeFiles, type GoldenStatement, type ImportOrigin } from '../../core/golden/index.ts';
import { toJson } from '../json.ts';
import type { Report } from '../report.ts';
import { readGoldenFile } from '../inputs/signed-file.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface ShownGolden {
  readonly id: string;
  readonly statement: GoldenStatement;
  /** Of those who signed. */
  readonly keyids: readonly string[];
}

/** @throws CliError CLI_FILE_*; AttestationError GOLDEN_*, ENCODING_* */
export function inspectGolden(file: string): Report {
  const { id, untrustedStatement: statement, signatures } = readGoldenFile(file);
  const keyids = signatures.map(({ untrustedKeyid }) => untrustedKeyid ?? 'not named');
  return {
    data: { id, statement: toJson(statement), signatures: keyids },
    lines: (paper) => formatGolden(paper, { id, statement, keyids }),
  };
}

export function formatGolden(paper: Paper, { id, statement, keyids }: ShownGolden): string[] {
  const validity = [statement.notBefore, statement.notAfter].map((date) => date?.toISOString().slice(0, 10) ?? 'open');
  const source = statement.provenance;
  return [
    ...formatFacts(paper, [
      ['layer', paper.tone('strong', statement.layer)],
      ['id', id],
      ['description', statement.description && printable(statement.description)],
      ['of', statement.subjects.map(({ name }) => printable(name)).join(', ')],
      ['source', source && [source.source, source.host && printable(source.host)].filter(Boolean).join(' from ')],
      ['imported', source?.import && describeImport(source.import)],
      ['accepts', statement.ima && describeFiles(statement.ima)],
      ...(statement.ima?.excludedPaths ?? []).map(
        (path) => ['not looked at', paper.tone('warn', printable(path))] as const,
      ),
      ...(statement.ima?.signers ?? []).map(
        (key) => ['signed files', `by the key ${encodeBase64url(spkiDigest(key))}`] as const,
      ),
      ['valid', `${validity[0] ?? ''} to ${validity[1] ?? ''}`],
      ['supersedes', statement.supersedes],
      ...(statement.acceptsRevoked ?? []).map(
        ({ id, reason }) => ['accepts revoked', paper.tone('warn', `${id}: ${printable(reason)}`)] as const,
      ),
      ['signed by', keyids.map((keyid) => printable(keyid)).join(', ') || paper.tone('warn', 'nobody yet')],
    ]),
    '',
    ...formatTable(paper, ['pcr', 'expected', 'what it is'], expectations(statement)),
    ...formatTable(paper, ['file', 'digest'], files(statement)),
  ];
}

/** By where they lay when they were captured: nobody reads thousands of digests. */
function files({ ima }: GoldenStatement): string[][] {
  return (ima?.digests ?? [])
    .map(({ digest, path }) => [path === undefined ? '-' : printable(path, 120), digest])
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
}

function describeImport({ format, importer, signer, sha256 }: ImportOrigin): string {
  const who = signer === undefined ? 'not verified' : `signed by ${printable(signer)}`;
  return `${printable(format)} (importer ${importer}), ${who}, file sha256:${encodeHex(sha256)}`;
}

function expectations({ events, pcrs }: GoldenStatement): string[][] {
  return [
    ...events.map(({ pcr, digests, description }) => [
      String(pcr),
      formatDigests(digests),
      printableAgain(description, 100),
    ]),
    ...pcrs.map(({ pcr, digests }) => [String(pcr), formatDigests(digests), 'exact value of the PCR']),
  ];
}

function formatDigests(digests: ReadonlyMap<string, Uint8Array>): string {
  return [...digests].map(([bank, value]) => `${bank}:${encodeHex(value).slice(0, 16)}`).join(' ');
}
