// A log of firmware written as a Canonical Event Log, in each of its encodings. [TCG-CEL §5]
import {
  concatBytes,
  encodeBase64,
  encodeCbor,
  encodeHex,
  encodeUnsigned,
  encodeUtf8,
  type CborValue,
} from '../../../../src/core/encoding/index.ts';
import { typeNameOf, type ClaimedEventLog, type LogEvent } from '../../../../src/core/event-log/index.ts';
import { hashIdentifiers } from '../../../../src/core/event-log/formats/hash-identifiers.table.ts';

export function jsonRecord(event: LogEvent, recnum: number): unknown {
  const { pcr, digests, untrustedData } = event;
  return {
    recnum,
    pcr,
    digests: [...digests].map(([hashAlg, digest]) => ({ hashAlg, digest: encodeHex(digest) })),
    content_type: 'pcclient_std',
    content: {
      event_type: typeNameOf(event),
      event_data: recnum % 2 === 0 ? encodeHex(untrustedData) : encodeBase64(untrustedData),
    },
  };
}

export function cborRecord({ pcr, digests, untrustedType, untrustedData }: LogEvent, recnum: number): CborValue {
  const pairs = [...digests].map(
    ([alg, digest]): CborValue =>
      new Map<number, CborValue>([
        [0, hashIdentifiers[alg]],
        [1, digest],
      ]),
  );
  const content = new Map<number, CborValue>([
    [0, untrustedType],
    [1, untrustedData],
  ]);
  return new Map<number, CborValue>([
    [0, recnum],
    [1, pcr],
    [3, pairs],
    [9, 5],
    [10, content],
  ]);
}

export function tlv(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concatBytes(...parts);
  return concatBytes(Uint8Array.of(type), encodeUnsigned(value.length, 4), value);
}

export function tlvRecord({ pcr, digests, untrustedType, untrustedData }: LogEvent, recnum: number): Uint8Array {
  return concatBytes(
    tlv(0, encodeUnsigned(recnum, 8)),
    tlv(1, Uint8Array.of(pcr)),
    tlv(3, ...[...digests].map(([alg, digest]) => tlv(hashIdentifiers[alg], digest))),
    tlv(5, tlv(0, encodeUnsigned(untrustedType, 4)), tlv(1, untrustedData)),
  );
}

export function celLogsOf({ events }: Pick<ClaimedEventLog, 'events'>): Readonly<Record<CelEncoding, Uint8Array>> {
  const texts = events.map((event, recnum) => JSON.stringify(jsonRecord(event, recnum)));
  return {
    'JSON array': encodeUtf8(`[${texts.join(',\n')}]`),
    'JSON lines': encodeUtf8(texts.join('\n')),
    'JSON text sequence': encodeUtf8(texts.map((text) => `\u001e${text}\n`).join('')),
    CBOR: encodeCbor(events.map(cborRecord)),
    TLV: concatBytes(...events.map(tlvRecord)),
  };
}

export type CelEncoding = 'JSON array' | 'JSON lines' | 'JSON text sequence' | 'CBOR' | 'TLV';
