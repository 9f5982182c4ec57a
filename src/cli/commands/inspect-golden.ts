import { encodeHex, printable, printableAgain } from '../../core/encoding/index.ts';
import {
  goldenIdOf,
  parseGolden,
  parseGoldenStatement,
  type GoldenStatement,
  type ImportOrigin,
} from '../../core/golden/index.ts';
import { readInput } from '../files.ts';
import { asRecord, toJson } from '../json.ts';
import type { Report } from '../report.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface GoldenFile {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly statement: GoldenStatement;
  readonly keyids: readonly string[];
}

/** @throws CliError CLI_FILE_*; AttestationError GOLDEN_*, ENCODING_* */
export function inspectGolden(file: string): Report {
  const golden = readGoldenFile(readInput(file));
  const { id, statement, keyids } = golden;
  return {
    data: { id, statement: toJson(statement), signatures: keyids },
    lines: (paper) => formatGolden(paper, golden),
  };
}

/** A DSSE envelope, or the statement alone. */
export function readGoldenFile(bytes: Uint8Array): GoldenFile {
  if (isEnvelope(bytes)) {
    const { id, payload, untrustedStatement, signatures } = parseGolden(bytes);
    const keyids = signatures.map(({ untrustedKeyid }) => untrustedKeyid ?? 'not named');
    return { id, payload, statement: untrustedStatement, keyids };
  }
  return { id: goldenIdOf(bytes), payload: bytes, statement: parseGoldenStatement(bytes), keyids: [] };
}

/** Only a hint which parser to ask: both parse strictly. */
function isEnvelope(bytes: Uint8Array): boolean {
  try {
    return 'payloadType' in (asRecord(JSON.parse(Buffer.from(bytes).toString('utf8'))) ?? {});
  } catch {
    return false;
  }
}

export function formatGolden(paper: Paper, { id, statement, keyids }: GoldenFile): string[] {
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
      ['valid', `${validity[0] ?? ''} to ${validity[1] ?? ''}`],
      ['supersedes', statement.supersedes],
      ...(statement.acceptsRevoked ?? []).map(
        ({ id, reason }) => ['accepts revoked', paper.tone('warn', `${id}: ${printable(reason)}`)] as const,
      ),
      ['signed by', keyids.map((keyid) => printable(keyid)).join(', ') || paper.tone('warn', 'nobody yet')],
    ]),
    '',
    ...formatTable(paper, ['pcr', 'expected', 'what it is'], expectations(statement)),
  ];
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
