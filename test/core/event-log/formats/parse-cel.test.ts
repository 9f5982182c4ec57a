// Canonical logs in their three encodings, made of a lab log: the replay must be the lab's.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeCbor, encodeHex, encodeUtf8, type CborValue } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import {
  parseEventLog,
  readFacts,
  typeNameOf,
  verifyEventLog,
  type ClaimedEventLog,
} from '../../../../src/core/event-log/index.ts';
import { cborRecord, celLogsOf, jsonRecord, tlv, tlvRecord } from './cel-logs.ts';
import { attest, attestReplay, labLog, labPcrs, refuses, survives } from '../logs.ts';

const source = parseEventLog(labLog('sb-on'));

const texts = source.events.map((event, recnum) => JSON.stringify(jsonRecord(event, recnum)));
const logs = celLogsOf(source);

function assertLab(log: ClaimedEventLog): void {
  assert.deepEqual(log.banks, ['sha1', 'sha256', 'sha384']);
  const replayed = verifyEventLog(log, attest(labPcrs('sb-on')));
  assert.ok([...replayed.pcrs].every(([pcr, status]) => status === 'bound' || pcr === 10));
  assert.equal(readFacts(replayed).secureBoot.value, 'enabled');
}

describe('canonical event logs', () => {
  for (const [name, bytes] of Object.entries(logs)) {
    it(`reads ${name} as the firmware’s own log`, () => {
      const log = parseEventLog(bytes);
      assert.match(log.format, /^cel-/);
      assert.equal(log.events.length, source.events.length);
      assert.deepEqual(log.events.map(typeNameOf), source.events.map(typeNameOf));
      assertLab(log);
    });

    it(`survives truncations and changes of ${name}`, () => {
      for (let length = 1; length < bytes.length; length += Math.ceil(bytes.length / 150)) {
        survives(() => parseEventLog(bytes.subarray(0, length)));
      }
      const head = bytes.slice(0, 2000);
      fc.assert(
        fc.property(fc.nat(head.length - 1), fc.integer({ min: 0, max: 255 }), (position, value) => {
          const copy = head.slice();
          copy[position] = value;
          survives(() => parseEventLog(copy));
        }),
      );
    });
  }

  it('refuses every truncation of a small TLV log, and one byte too many', () => {
    const record = tlvRecord(source.events[9] ?? assert.fail(), 0);
    for (let length = 13; length < record.length; length += 1) {
      assert.throws(() => parseEventLog(record.subarray(0, length)), { code: 'EVENT_LOG_TRUNCATED' });
    }
    refuses('EVENT_LOG_TRUNCATED', () => parseEventLog(concatBytes(record, Uint8Array.of(0))));
  });

  it('refuses records that lie about their shape', () => {
    const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify([value]));
    const good = jsonRecord(source.events[9] ?? assert.fail(), 0) as Record<string, unknown>;
    const zeros = '00'.repeat(32);
    const digest = { hashAlg: 'sha256', digest: zeros };
    for (const change of [
      { pcr: -1 },
      { pcr: 1.5 },
      { pcr: '7' },
      { pcr: undefined },
      { digests: 'x' },
      { digests: [1] },
      { digests: [digest, digest] },
      { digests: [{ ...digest, digest: '00' }] },
      { digests: Array.from({ length: 17 }, () => digest) },
      { content: {} },
    ]) {
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(json({ ...good, ...change })));
    }
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(json(1)));
    refuses('EVENT_LOG_REGISTER_INVALID', () => parseEventLog(json({ ...good, pcr: 24 })));
    refuses('ENCODING_JSON_INVALID', () => parseEventLog(encodeUtf8('[1')));
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeCbor([1])));
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeCbor([new Map([[1, 7]])])));
  });

  it('refuses fields of TLV in another order, and digests of CBOR that are no pairs', () => {
    const event = source.events[9] ?? assert.fail();
    const record = tlvRecord(event, 0);
    const number = (type: number) => tlv(type, Uint8Array.of(7));
    const [recnum, register, digests] = [tlv(0, new Uint8Array(8)), number(1), tlv(3, tlv(0xb, new Uint8Array(32)))];
    const [head, body] = [number(0), number(1)];
    const good = concatBytes(recnum, register, digests, tlv(5, head, body));
    assert.equal(parseEventLog(concatBytes(record, good)).events.length, 2);
    for (const wrong of [
      [tlv(1, new Uint8Array(8)), register, digests, tlv(5, head, body)],
      [recnum, number(4), digests, tlv(5, head, body)],
      [recnum, register, register, tlv(5, head, body)],
      [recnum, tlv(1, new Uint8Array(5)), digests, tlv(5, head, body)],
      [recnum, tlv(1), digests, tlv(5, head, body)],
      [recnum, register, digests, tlv(5, body, body)],
      [recnum, register, digests, tlv(5, head, head)],
    ]) {
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(concatBytes(record, ...wrong)));
    }
    const pairs: readonly (readonly [CborValue, CborValue])[] = [[0xb, 1], ['sha256', new Uint8Array(32)]]; // prettier-ignore
    for (const [alg, digest] of pairs) {
      const pair = new Map([[0, alg] as const, [1, digest] as const]); // prettier-ignore
      const changed = new Map<number, CborValue>([...(cborRecord(event, 0) as Map<number, CborValue>), [3, [pair]]]);
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeCbor([changed])));
    }
  });

  it('refuses more records than a log may have, in each encoding', () => {
    const record = tlvRecord(source.events[9] ?? assert.fail(), 0);
    for (const log of [
      encodeUtf8('{"recnum":0}\n'.repeat(20_001)),
      encodeCbor(Array.from({ length: 20_001 }, () => 1)),
      new Uint8Array(Buffer.concat(Array.from({ length: 20_001 }, () => record))),
    ]) {
      assert.throws(() => parseEventLog(log), {
        code: 'EVENT_LOG_CEL_INVALID',
        message: /(?:more than|at most) 20000/,
      });
    }
  });

  it('leaves records of NV indices out of CBOR and TLV', () => {
    const event = source.events[9] ?? assert.fail();
    const named = cborRecord(event, 0) as Map<number, CborValue>;
    const nv = new Map<number, CborValue>([[2, 0x1d10200], ...[...named].filter(([key]) => key !== 1)]);
    const other = concatBytes(tlv(0, new Uint8Array(8)), tlv(2, Uint8Array.of(1, 0xd1, 2, 0)), tlv(3, tlv(0xb, new Uint8Array(32))), tlv(5, tlv(0, Uint8Array.of(4)), tlv(1))); // prettier-ignore
    for (const log of [encodeCbor([named, nv]), concatBytes(tlvRecord(event, 0), other)]) {
      const { events, quirks } = parseEventLog(log);
      assert.deepEqual([events.length, quirks.some(({ id }) => id === 'nv-index-records')], [1, true]);
    }
  });

  it('leaves records of NV indices out, and says so', () => {
    const record = {
      nv_index: 0x1d10200,
      digests: [{ hashAlg: 'sha256', digest: '00'.repeat(32) }],
      content_type: 'systemd',
      content: {},
    };
    const log = parseEventLog(
      encodeUtf8(JSON.stringify([...texts.map((text) => JSON.parse(text) as unknown), record])),
    );
    assert.equal(log.events.length, source.events.length);
    assert.ok(log.quirks.some(({ id }) => id === 'nv-index-records'));
  });
});

describe('a canonical log that holds what systemd measured', () => {
  const phase = (text: string): unknown => ({
    pcr: 11,
    digests: source.banks.map((alg) => ({ hashAlg: alg, digest: encodeHex(hash(alg, encodeUtf8(text))) })),
    content_type: 'systemd',
    content: { string: text, eventType: 'phase', timestamp: 1.5, bootId: 7 },
  });
  const records = [...source.events.map(jsonRecord), phase('enter-initrd'), phase('an own phase')];
  const log = parseEventLog(encodeUtf8(JSON.stringify(records)));
  const { events, pcrs } = verifyEventLog(log, attestReplay(log));

  it('attributes it to userspace, and to no layer', () => {
    assert.equal(pcrs.get(11), 'bound');
    const added = events.slice(-2);
    assert.deepEqual(
      added.map(({ untrustedOrigin, layer, dataBound, description }) => [
        untrustedOrigin,
        layer,
        dataBound,
        description,
      ]),
      [
        ['userspace', undefined, true, 'boot phase enter-initrd'],
        ['userspace', undefined, true, 'an own phase'],
      ],
    );
  });

  it('leaves the layers of everything else as they are', () => {
    const before = verifyEventLog(source, attestReplay(source)).events.map(({ layer }) => layer);
    assert.deepEqual(
      events.slice(0, -2).map(({ layer }) => layer),
      before,
    );
  });
});
