import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import { encodeUserspaceLog, parseUserspaceLog } from '../../../../src/core/event-log/index.ts';
import { bounds } from '../../../../src/core/event-log/bounds.ts';
import { assertNeverSurprised } from '../../../support/hostile-bytes.ts';
import { refuses } from '../logs.ts';
import { measured, readSystemd, systemdRuns, userspaceBytes } from './userspace.ts';

const invalid = 'EVENT_LOG_USERSPACE_INVALID';
const sha256 = encodeHex(hash('sha256', encodeUtf8('ready')));
const good = {
  pcr: 11,
  digests: [{ hashAlg: 'sha256', digest: sha256 }],
  content_type: 'systemd',
  content: { string: 'ready', bootId: '5324c37212c34bd4b5112ac5484fa5be', timestamp: 2084757153, eventType: 'phase' },
};

function sequence(...records: readonly unknown[]): Uint8Array {
  return encodeUtf8(records.map((record) => `\u001e${JSON.stringify(record)}\n`).join(''));
}

function without(member: keyof typeof good): unknown {
  return { ...good, [member]: undefined };
}

describe('parseUserspaceLog', () => {
  for (const { run } of systemdRuns) {
    it(`reads what ${run} writes, record by record`, () => {
      const { records } = parseUserspaceLog(readSystemd(run, 'tpm2-measure.json-seq'));
      const phases = records.filter(({ untrustedContent }) => untrustedContent.eventType === 'phase');
      assert.deepEqual(
        phases.map(({ untrustedContent }) => untrustedContent.string),
        ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'],
      );
      for (const { index, register, digests, untrustedContent } of records) {
        assert.equal(records[index]?.register, register);
        assert.match(untrustedContent.bootId ?? '', /^[0-9a-f]{32}$/);
        assert.ok(digests.has('sha256'));
      }
    });
  }

  it('reads the records of NvPCRs: an index and its name instead of a PCR', () => {
    const { records } = parseUserspaceLog(readSystemd('systemd-262', 'tpm2-measure.json-seq'));
    const nv = records.filter(({ register }) => register.kind === 'nv');
    assert.deepEqual(
      nv.map(({ register, untrustedContent }) => [register.index, untrustedContent.nvIndexName]),
      [
        [0x1d10200, 'hardware'],
        [0x1d10203, 'login'],
      ],
    );
  });

  it('reads what the encoder writes, as systemd orders and spells it', () => {
    const bytes = userspaceBytes([measured(11, 'ready'), measured(15, 'machine-id:00', { eventType: 'machine-id' })]);
    const [first] = parseUserspaceLog(bytes).records;
    assert.deepEqual(first?.register, { kind: 'pcr', index: 11 });
    assert.deepEqual(first.digests, new Map([['sha256', hash('sha256', encodeUtf8('ready'))]]));
    assert.deepEqual(first.untrustedContent.string, 'ready');
    const real = readSystemd('systemd-257', 'tpm2-measure.json-seq');
    const keys = (log: Uint8Array): string[] =>
      Object.keys(JSON.parse(textOf(log).split('\n')[0]?.slice(1) ?? '') as object);
    assert.deepEqual(keys(bytes), keys(real));
  });

  it('passes over members and algorithms that it does not know: newer systemd adds some', () => {
    const digests = [...good.digests, { hashAlg: 'sha3_256', digest: 'whatever', size: 32 }];
    const [record] = parseUserspaceLog(sequence({ ...good, digests, recnum: 7, extra: [{}] })).records;
    assert.deepEqual([...(record?.digests.keys() ?? [])], ['sha256']);
  });

  it('passes over content of somebody else', () => {
    const [record] = parseUserspaceLog(sequence({ ...good, content_type: 'other', content: 5 })).records;
    assert.deepEqual(record?.untrustedContent, {});
    assert.deepEqual(parseUserspaceLog(sequence(without('content_type'))).records[0]?.untrustedContent, {});
  });

  it('refuses a log without bytes', () => {
    refuses('EVENT_LOG_USERSPACE_EMPTY', () => parseUserspaceLog(new Uint8Array()), 0);
  });

  it('refuses every truncation that is not between two records', () => {
    const log = userspaceBytes([measured(11, 'enter-initrd'), measured(11, 'ready')]);
    const end = userspaceBytes([measured(11, 'enter-initrd')]).length;
    for (let length = 1; length < log.length; length += 1) {
      const cut = log.subarray(0, length);
      if (length === end) assert.equal(parseUserspaceLog(cut).records.length, 1);
      else refuses('EVENT_LOG_USERSPACE_TRUNCATED', () => parseUserspaceLog(cut), length < end ? 0 : end);
    }
  });

  it('refuses one byte too many, at either end and between records', () => {
    const log = sequence(good, good);
    const [one, two] = [sequence(good), sequence(good)];
    for (const byte of [0x00, 0x0a, 0x1e, 0x20, 0x7b, 0xff]) {
      const more = Uint8Array.of(byte);
      const places = [concatBytes(more, log), concatBytes(one, more, two), concatBytes(log, more)];
      for (const bytes of byte === 0x0a ? places.slice(0, 1) : places) {
        assert.throws(() => parseUserspaceLog(bytes), /EVENT_LOG_USERSPACE|separator|line feed|ends inside|record/);
      }
    }
  });

  it('refuses lines without record separators, and a JSON array', () => {
    refuses(invalid, () => parseUserspaceLog(encodeUtf8(`${JSON.stringify(good)}\n`)), 0);
    refuses(invalid, () => parseUserspaceLog(encodeUtf8(JSON.stringify([good]))), 0);
  });

  const wrong: Readonly<Record<string, unknown>> = {
    'no object': [good],
    null: null,
    'neither pcr nor nv_index': without('pcr'),
    'both pcr and nv_index': { ...good, nv_index: 0x1d10200 },
    'a PCR that no TPM has': { ...good, pcr: 24 },
    'a negative PCR': { ...good, pcr: -1 },
    'half a PCR': { ...good, pcr: 11.5 },
    'a PCR in text': { ...good, pcr: '11' },
    'an NV index that is a PCR': { ...(without('pcr') as object), nv_index: 11 },
    'an NV index that is a key': { ...(without('pcr') as object), nv_index: 0x81000001 },
    'no digests': without('digests'),
    'an empty list of digests': { ...good, digests: [] },
    'seventeen digests': { ...good, digests: Array.from({ length: 17 }, () => good.digests[0]) },
    'digests that are no list': { ...good, digests: { sha256 } },
    'a digest that is a text': { ...good, digests: [sha256] },
    'a digest without algorithm': { ...good, digests: [{ digest: sha256 }] },
    'a digest without value': { ...good, digests: [{ hashAlg: 'sha256' }] },
    'two digests of one algorithm': { ...good, digests: [...good.digests, ...good.digests] },
    'a digest that is too short': { ...good, digests: [{ hashAlg: 'sha256', digest: sha256.slice(2) }] },
    'a digest of another algorithm\u2019s size': { ...good, digests: [{ hashAlg: 'sha1', digest: sha256 }] },
    'a digest that is not hexadecimal': { ...good, digests: [{ hashAlg: 'sha256', digest: 'g'.repeat(64) }] },
    'a digest in capitals, a second spelling': {
      ...good,
      digests: [{ hashAlg: 'sha256', digest: sha256.toUpperCase() }],
    },
    'content of systemd that is no object': { ...good, content: 'ready' },
    'no content of systemd': without('content'),
    'a text that is a number': { ...good, content: { string: 5 } },
    'a text that is too long': { ...good, content: { string: 'x'.repeat(bounds.userspaceText + 1) } },
  };
  for (const [what, record] of Object.entries(wrong)) {
    it(`refuses a record with ${what}, and says where`, () => {
      refuses(invalid, () => parseUserspaceLog(concatBytes(sequence(good), sequence(record))), sequence(good).length);
    });
  }

  it('refuses a member that comes twice: two readers would read two logs', () => {
    const text = JSON.stringify(good).replace('"pcr":11', '"pcr":11,"pcr":12');
    refuses(invalid, () => parseUserspaceLog(encodeUtf8(`\u001e${text}\n`)), 0);
  });

  it('takes no member from the prototype of an object', () => {
    refuses(invalid, () => parseUserspaceLog(encodeUtf8('\u001e{"__proto__":{"pcr":11}}\n')), 0);
    const digests = [{ hashAlg: 'constructor', digest: sha256 }];
    assert.equal(parseUserspaceLog(sequence({ ...good, digests })).records[0]?.digests.size, 0);
  });

  it('refuses nesting beyond what systemd needs, however deep', () => {
    const nested = (depth: number): Uint8Array =>
      encodeUtf8(`\u001e${JSON.stringify(good).replace('{', `{"extra":${'['.repeat(depth)}${']'.repeat(depth)},`)}\n`);
    assert.equal(parseUserspaceLog(nested(bounds.userspaceDepth - 1)).records.length, 1);
    for (const depth of [bounds.userspaceDepth, 1000, 30_000])
      refuses(invalid, () => parseUserspaceLog(nested(depth)), 0);
  });

  it('bounds the bytes of a log and of a record, and how many there are', () => {
    const tooLarge = 'EVENT_LOG_USERSPACE_TOO_LARGE';
    refuses(tooLarge, () => parseUserspaceLog(new Uint8Array(bounds.userspaceBytes + 1)));
    const padding = 'x'.repeat(bounds.userspaceRecordBytes);
    refuses(tooLarge, () => parseUserspaceLog(sequence({ ...good, padding })), 0);
    const small = encodeUtf8('\u001e{"pcr":1,"digests":[{"hashAlg":"x","digest":""}]}\n');
    const many = concatBytes(...Array.from({ length: bounds.userspaceRecords + 1 }, () => small));
    assert.ok(many.length < bounds.userspaceBytes);
    refuses(tooLarge, () => parseUserspaceLog(many), small.length * bounds.userspaceRecords);
    assert.equal(parseUserspaceLog(many.subarray(small.length)).records.length, bounds.userspaceRecords);
  });

  it('answers any bytes with a log or a typed refusal', () => {
    assertNeverSurprised(parseUserspaceLog, sequence(good, good), readSystemd('systemd-257', 'tpm2-measure.json-seq'));
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(23), text, text), { minLength: 1, maxLength: 5 }), (records) => {
        const log = encodeUserspaceLog(
          records.map(([pcr, words, eventType]) => measured(pcr, words, { eventType })),
          ['sha1', 'sha256'],
        );
        const read = parseUserspaceLog(log).records;
        assert.deepEqual(
          read.map(({ register, untrustedContent }) => [
            register.index,
            untrustedContent.string,
            untrustedContent.eventType,
          ]),
          records,
        );
      }),
    );
  });
});

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
