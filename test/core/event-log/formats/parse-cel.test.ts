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

const listOf = <Item>(length: number, make: (index: number) => Item): Item[] =>
  Array.from({ length }, (_, index) => make(index));

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
      { digests: [{ ...digest, hashAlg: 0xb }] },
      { digests: [{ ...digest, digest: 0 }] },
      { digests: [null] },
      { content: {} },
      { content: null },
      { content: 'text' },
      ...['EV_NONE', 'toString', '13', '0x', '0x100000000', 0x100000000, -1].map((type) => ({
        content: { event_type: type },
      })),
    ]) {
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(json({ ...good, ...change })), 0);
    }
    for (const record of [1, null, 'text', []]) refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(json(record)), 0);
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeUtf8(JSON.stringify([good, { ...good, pcr: -1 }]))), 1);
    // Whole arrays one after another: that the first alone is read would leave the others out.
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeUtf8(`\u001e[${texts[0]}]\n\u001e[${texts[1]}]\n`)));
    refuses('EVENT_LOG_REGISTER_INVALID', () => parseEventLog(json({ ...good, pcr: 24 })));
    refuses('ENCODING_JSON_INVALID', () => parseEventLog(encodeUtf8('[1')));
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeCbor([1])));
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(encodeCbor([new Map([[1, 7]])])));
    const named = cborRecord(source.events[9] ?? assert.fail(), 0) as Map<number, CborValue>;
    const without = (key: number, value: CborValue) => encodeCbor([new Map([...named, [key, value] as const])]);
    refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(without(3, 7)), 0);
    for (const content of [
      7,
      new Map([[0, 1]]),
      new Map<number, CborValue>([
        [0, 1],
        [1, 'text'],
      ]),
    ])
      // prettier-ignore
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(without(10, content)), 0);
  });

  it('reads what writers of JSON spell in more than one way', () => {
    const good = jsonRecord(source.events[9] ?? assert.fail(), 0) as { readonly content: object };
    const read = (record: object) => parseEventLog(encodeUtf8(JSON.stringify([{ ...good, ...record }]))).events[0];
    for (const hashAlg of ['sha256', 'SHA256', 'sha-256', 'SHA-256']) {
      const digests = [{ hashAlg, digest: '07'.repeat(32) }];
      assert.deepEqual(read({ digests })?.digests, new Map([['sha256', new Uint8Array(32).fill(7)]]));
    }
    const types = [['EV_SEPARATOR', 4], [4, 4], ['0x80000001', 0x80000001], ['0XFFFFFFFF', 0xffffffff], [0xffffffff, 0xffffffff]] as const; // prettier-ignore
    for (const [event_type, expected] of types)
      assert.equal(read({ content: { ...good.content, event_type } })?.untrustedType, expected);
    const own = (content: unknown) => read({ content_type: 'own', content })?.untrustedData;
    const contents: readonly (readonly [unknown, Uint8Array])[] = [
      ['0a0B', Uint8Array.of(10, 11)],
      ['AQID', Uint8Array.of(1, 2, 3)],
      [{ event_data: '0a' }, Uint8Array.of(10)],
      [{ string: 'text' }, encodeUtf8('text')],
      [{ b: 1, a: 'x' }, encodeUtf8('{"a":"x","b":1}')],
      // Neither has a form that a digest could cover.
      [{ seconds: 1.5 }, new Uint8Array()],
      [7, new Uint8Array()],
    ];
    for (const [content, expected] of contents) assert.deepEqual(own(content), expected);
    assert.deepEqual(read({ content: { event_type: 4 } })?.untrustedData, new Uint8Array());
    refuses('ENCODING_BASE64_INVALID', () => own('abc'));
  });

  it('reads JSON with white space around it and between its records', () => {
    const two = texts.slice(0, 2);
    for (const space of [' ', '\t', '\n', '\r', ' \r\n\t ']) {
      for (const log of [
        `[${two.join(`,${space}\n`)}]`,
        two.join(`\n${space}\n`),
        `\u001e${two.join(`\n${space}\u001e`)}`,
      ])
        assert.equal(parseEventLog(encodeUtf8(`${space}${log}${space}`)).events.length, 2, JSON.stringify(log));
    }
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
      [recnum, register, digests, tlv(5, head, body, tlv(2))],
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

  it('reads as many records as a log may have, and refuses one more, in each encoding', () => {
    const event = source.events[9] ?? assert.fail();
    const [text, named, record] = [JSON.stringify(jsonRecord(event, 0)), cborRecord(event, 0), tlvRecord(event, 0)];
    const copies = <Item>(item: Item, count: number): Item[] => Array.from({ length: count }, () => item);
    for (const logOf of [
      (count: number) => encodeUtf8(`[${copies(text, count).join()}]`),
      (count: number) => encodeUtf8(copies(text, count).join('\n')),
      (count: number) => encodeUtf8(`\u001e${copies(text, count).join('\n\u001e')}`),
      (count: number) => encodeCbor(copies(named, count)),
      (count: number) => new Uint8Array(Buffer.concat(copies(record, count))),
    ]) {
      const bounds = { maxEvents: 50 };
      assert.equal(parseEventLog(logOf(50), bounds).events.length, 50);
      const tooMany = { code: 'EVENT_LOG_CEL_INVALID', message: /(?:more than|at most) 50 / };
      assert.throws(() => parseEventLog(logOf(51), bounds), tooMany);
    }
    const lines = encodeUtf8('{"recnum":0}\n'.repeat(20_001));
    assert.throws(() => parseEventLog(lines), { code: 'EVENT_LOG_CEL_INVALID', message: /more than 20000/ });
  });

  it('reads sixteen digests of a record, and passes over those that nobody computes', () => {
    const zeros = new Uint8Array(32);
    const lists: readonly ((count: number) => Uint8Array)[] = [
      (count) => encodeUtf8(JSON.stringify([{ pcr: 7, digests: listOf(count, (index) => ({ hashAlg: `own-${index}`, digest: '00' })) }])),
      (count) => encodeCbor([new Map<number, CborValue>([[1, 7], [3, listOf(count, (index) => new Map<number, CborValue>([[0, 0x1000 + index], [1, zeros]]))]])]),
      (count) => concatBytes(tlv(0, new Uint8Array(8)), tlv(1, Uint8Array.of(7)), tlv(3, ...listOf(count, (index) => tlv(0x40 + index, zeros))), tlv(99)),
    ]; // prettier-ignore
    for (const logOf of lists) {
      assert.deepEqual(parseEventLog(logOf(16)).events[0]?.digests, new Map());
      refuses('EVENT_LOG_CEL_INVALID', () => parseEventLog(logOf(17)));
    }
  });

  it('names what is no event of firmware by its kind, with the same data in each encoding', () => {
    const [zeros, sevens] = [new Uint8Array(32), new Uint8Array(32).fill(7)];
    const data = Uint8Array.of(1, 2, 3);
    const kinds = [
      [4, 'cel', [zeros], 'EV_NO_ACTION'],
      [4, 'cel', [], 'EV_NO_ACTION'],
      // Whatever it is said to be: it extended the register.
      [4, 'cel', [sevens], 'CEL cel'],
      [4, 'cel', [zeros.with(31, 1)], 'CEL cel'],
      [7, 'ima_template', [zeros], 'CEL ima_template'],
      [8, 'ima_tlv', [sevens], 'CEL ima_tlv'],
      [99, undefined, [zeros], 'CEL unknown'],
    ] as const;
    const json = kinds.map(([number, name, digests]) => ({
      pcr: 10,
      digests: digests.map((digest) => ({ hashAlg: 'sha256', digest: encodeHex(digest) })),
      content_type: name ?? number,
      content: number === 7 ? { template_data: '010203' } : 'AQID',
    }));
    const cbor = kinds.map(
      ([number, , digests]) =>
        new Map<number, CborValue>([
          [1, 10],
          [
            3,
            digests.map(
              (digest) =>
                new Map<number, CborValue>([
                  [0, 0xb],
                  [1, digest],
                ]),
            ),
          ],
          [9, number],
          [10, number === 7 ? new Map([[1, data]]) : data],
        ]),
    );
    const binary = kinds.map(([number, , digests]) => concatBytes(tlv(0, new Uint8Array(8)), tlv(1, Uint8Array.of(10)), tlv(3, ...digests.map((digest) => tlv(0xb, digest))), number === 7 ? tlv(7, tlv(0, data), tlv(1, data)) : tlv(number, data))); // prettier-ignore
    for (const log of [encodeUtf8(JSON.stringify(json)), encodeCbor(cbor), concatBytes(...binary)]) {
      const { events, quirks } = parseEventLog(log);
      const read = events.map((event) => [typeNameOf(event), event.untrustedData, event.digests.get('sha256')]);
      assert.deepEqual(read, kinds.map(([, , [digest], type]) => [type, data, digest])); // prettier-ignore
      assert.deepEqual(quirks.filter(({ id }) => id === 'nv-index-records'), []); // prettier-ignore
    }
    const starts = binary.map((_, index) => concatBytes(...binary.slice(0, index)).length);
    assert.deepEqual(parseEventLog(concatBytes(...binary)).events.map(({ offset }) => offset), starts); // prettier-ignore
    assert.deepEqual(parseEventLog(encodeCbor(cbor)).events.map(({ offset }) => offset), [0, 1, 2, 3, 4, 5, 6]); // prettier-ignore
  });

  it('takes no log of firmware for one in TLV, whatever digest stands where that has its register', () => {
    for (const byte of [1, 2]) {
      const digest = new Uint8Array(20).fill(7).with(5, byte);
      // PCR 0, EV_S_CRTM_VERSION, SHA-1, no data: little-endian.
      const record = concatBytes(Uint8Array.of(0, 0, 0, 0, 8, 0, 0, 0), digest, new Uint8Array(4));
      const { format, events } = parseEventLog(record);
      assert.deepEqual([format, events[0]?.digests.get('sha1')], ['sha1', digest]);
    }
  });

  it('leaves records of NV indices out of CBOR and TLV', () => {
    const event = source.events[9] ?? assert.fail();
    const named = cborRecord(event, 0) as Map<number, CborValue>;
    const nv = new Map<number, CborValue>([[2, 0x1d10200], ...[...named].filter(([key]) => key !== 1)]);
    const other = concatBytes(tlv(0, new Uint8Array(8)), tlv(2, Uint8Array.of(1, 0xd1, 2, 0)), tlv(3, tlv(0xb, new Uint8Array(32))), tlv(5, tlv(0, Uint8Array.of(4)), tlv(1))); // prettier-ignore
    const last = concatBytes(tlvRecord(event, 0), other);
    for (const log of [encodeCbor([named, nv]), last, concatBytes(other, tlvRecord(event, 1))]) {
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
    const { nv_index: nvIndex, ...rest } = record;
    const all = [...texts.map((text) => JSON.parse(text) as unknown), record, { nvIndex, ...rest }];
    const log = parseEventLog(encodeUtf8(JSON.stringify(all)));
    assert.equal(log.events.length, source.events.length);
    assert.deepEqual(log.quirks, [{ id: 'nv-index-records', detail: '2 records of NV indices are left out' }]);
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

  it('keeps the words that systemd wrote, and no others', () => {
    const odd = { pcr: 11, digests: [], content_type: 'systemd', content: null };
    const { events: read } = parseEventLog(encodeUtf8(JSON.stringify([phase('ready'), odd])));
    assert.deepEqual(read.map(({ userspace }) => userspace), [{ string: 'ready', eventType: 'phase' }, {}]); // prettier-ignore
  });

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
