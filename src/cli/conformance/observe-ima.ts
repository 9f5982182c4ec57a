// IMA lists among the vectors: their entries, and what they lead each PCR to.
import { encodeHex } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  looksLikeImaText,
  parseImaList,
  parseImaText,
  replayImaEntries,
  type ImaEntry,
  type ImaList,
} from '../../core/ima/index.ts';
import { asRecord } from '../json.ts';
import { compare, compareWhole, compareWithin, type Mismatch } from './compare.ts';
import { pick, type Observed, type Reading } from './observation.ts';
import { readVector, type Expectation } from './vectors.ts';

const banks: readonly HashAlgorithm[] = ['sha1', 'sha256', 'sha384'];
const compared = ['entries', 'templates', 'pcrs', 'digest_algs', 'violations', 'violation_entries', 'boot_aggregate'];

export const imaReading: Reading = {
  observe: (vectors, { file }) => readList(readVector(vectors, file)),
  compare: compareList,
};

/** `parse`, and where the list can be read, what is in it and what it leads each PCR to. */
function compareList(expect: Expectation, observed: Observed): readonly Mismatch[] {
  const parse = compare({ parse: expect['parse'] }, observed);
  if (observed['parse'] === 'error' || parse.length > 0) return parse;
  return [...compare(pick(expect, compared), observed), ...compareReplay(expect['replay'], observed['replay'])];
}

/** Every PCR on either side, in each bank that the expectation names for it. */
function compareReplay(expected: unknown, observed: unknown): readonly Mismatch[] {
  const [named, shown] = [asRecord(expected), asRecord(observed) ?? {}];
  if (named === undefined) return compareWhole(expected, observed, 'replay');
  const pcrs = [...new Set([...Object.keys(named), ...Object.keys(shown)])];
  return pcrs.flatMap((pcr) => {
    const values = asRecord(named[pcr]) ?? {};
    const field = `replay.${pcr}`;
    return Object.keys(values).length === 0
      ? compareWhole(named[pcr], shown[pcr], field)
      : compareWithin(values, shown[pcr], field);
  });
}

function readList(bytes: Uint8Array): Record<string, unknown> {
  try {
    const list = looksLikeImaText(bytes) ? parseImaText(bytes) : parseImaList(bytes);
    return {
      parse: list.trailingBytes > 0 ? 'ok-with-trailing-bytes' : 'ok',
      ...describeEntries(list.entries),
      trailing_bytes: list.trailingBytes,
      replay: replay(list),
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { parse: 'error', code: error.code, parse_error: error.message };
  }
}

function describeEntries(entries: readonly ImaEntry[]): Record<string, unknown> {
  const violations = entries.filter(({ violation }) => violation);
  const aggregate = entries.find(({ path }) => path === 'boot_aggregate')?.digest;
  return {
    entries: entries.length,
    templates: count(entries.map(({ template }) => template)),
    pcrs: [...new Set(entries.map(({ pcr }) => pcr))].sort((left, right) => left - right),
    digest_algs: count(entries.map(({ digest }) => digest.algorithm)),
    violations: violations.length,
    violation_entries: violations.map(({ index }) => index),
    boot_aggregate: aggregate === undefined ? null : `${aggregate.algorithm}:${encodeHex(aggregate.value)}`,
    first: entries[0]?.path ?? null,
    last: entries.at(-1)?.path ?? null,
  };
}

function count(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function replay({ entries }: ImaList): Record<string, unknown> {
  const pcrs = [...new Set(entries.map(({ pcr }) => pcr))].sort((left, right) => left - right);
  return Object.fromEntries(
    pcrs.map((pcr) => {
      const values = banks.map((bank) => [bank, encodeHex(replayImaEntries({ entries, pcr, bank }))] as const);
      const padded = encodeHex(replayImaEntries({ entries, pcr, bank: 'sha256', mode: 'padded-sha1' }));
      return [String(pcr), { ...Object.fromEntries(values), sha256_padded: padded }];
    }),
  );
}
