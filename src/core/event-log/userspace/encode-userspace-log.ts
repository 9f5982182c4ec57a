// A userspace log as systemd writes it: for machines on paper, and for tests of the parser. [SYSTEMD], [RFC7464]
import { concatBytes, encodeHex, encodeUtf8 } from '../../encoding/index.ts';
import { hashText, type HashAlgorithm } from '../../crypto/index.ts';
import type { UserspaceContent, UserspaceRecord } from './userspace-log.ts';

export interface UserspaceToEncode {
  readonly register: UserspaceRecord['register'];
  /** What is measured, and what the log says of it. */
  readonly text: string;
  readonly eventType: string;
  readonly nvIndexName?: string;
  /** Where they are not those of `text`: volume keys. */
  readonly digests?: ReadonlyMap<HashAlgorithm, Uint8Array>;
}

/** The whole file. Deterministic: the records are a second apart. */
export function encodeUserspaceLog(records: readonly UserspaceToEncode[], banks: readonly HashAlgorithm[]): Uint8Array {
  return concatBytes(...records.map((record, position) => encodeRecord(record, position, banks)));
}

/** The digests that `encodeUserspaceLog` writes for a record: what a TPM must be extended with. */
export function digestsOfUserspace(
  { text, digests }: UserspaceToEncode,
  banks: readonly HashAlgorithm[],
): ReadonlyMap<HashAlgorithm, Uint8Array> {
  return digests ?? new Map(banks.map((bank) => [bank, hashText(bank, text)]));
}

const bootId = '5324c37212c34bd4b5112ac5484fa5be';

function encodeRecord(record: UserspaceToEncode, position: number, banks: readonly HashAlgorithm[]): Uint8Array {
  const { register, text, eventType, nvIndexName } = record;
  const content: UserspaceContent = {
    ...(nvIndexName === undefined ? {} : { nvIndexName }),
    string: text,
    bootId,
    eventType,
  };
  const json = {
    [register.kind === 'pcr' ? 'pcr' : 'nv_index']: register.index,
    digests: [...digestsOfUserspace(record, banks)].map(([hashAlg, digest]) => ({
      hashAlg,
      digest: encodeHex(digest),
    })),
    content_type: 'systemd',
    content: { ...content, timestamp: (position + 1) * 1_000_000 },
  };
  return encodeUtf8(`\u001e${JSON.stringify(json)}\n`);
}
