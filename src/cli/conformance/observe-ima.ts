import { encodeHex } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import { looksLikeImaText, parseImaList, parseImaText, replayImaEntries, type ImaList } from '../../core/ima/index.ts';
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
      entries: list.entries.length,
      violations: list.entries.filter(({ violation }) => violation).length,
      templates: [...new Set(list.entries.map(({ template }) => template))],
      trailing_bytes: list.trailingBytes,
      replay: replay(list),
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { parse: 'error', code: error.code, parse_error: error.message };
  }
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
