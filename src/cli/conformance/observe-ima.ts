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
import { compare } from './compare.ts';
import type { Observation } from './observation.ts';
import { readVector, type Expectation, type VectorCase, type Vectors } from './vectors.ts';

const banks: readonly HashAlgorithm[] = ['sha1', 'sha256', 'sha384'];
const compared = ['sha1', 'sha256'];

/** `parse`, and where the list can be read, what it leads each PCR to. */
export function observeIma(vectors: Vectors, { file, expect }: VectorCase): Observation {
  const observed = readList(readVector(vectors, file));
  const expected = {
    parse: expect['parse'],
    ...(observed['parse'] === 'error' ? {} : { replay: expectedReplay(expect) }),
  };
  return { observed, mismatches: compare(expected, observed) };
}

function expectedReplay(expect: Expectation): Record<string, unknown> {
  const replay = Object.entries(asRecord(expect['replay']) ?? {});
  return Object.fromEntries(
    replay.map(([pcr, values]) => {
      const named = Object.entries(asRecord(values) ?? {}).filter(([bank]) => compared.includes(bank));
      return [pcr, Object.fromEntries(named)];
    }),
  );
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
