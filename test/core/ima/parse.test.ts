import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../../src/core/error.ts';
import { concatBytes, decodeHex, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { parseImaList } from '../../../src/core/ima/index.ts';
import { readBoot } from './fixtures.ts';

const list = readBoot('ima-evil', 'ima_binary_runtime_measurements');

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function entry(template: string, data: Uint8Array, digest = hash('sha1', data)): Uint8Array {
  return concatBytes(u32(10), digest, u32(template.length), encodeUtf8(template), u32(data.length), data);
}

const imaNgData = concatBytes(
  decodeHex('28000000'),
  encodeUtf8('sha256:\0'),
  new Uint8Array(32).fill(0xaa),
  decodeHex('07000000'),
  encodeUtf8('/bin/x\0'),
);

describe('parseImaList', () => {
  it('reads what a kernel wrote, entry by entry', () => {
    const { entries, trailingBytes, length } = parseImaList(list);
    assert.equal(trailingBytes, 0);
    assert.equal(length, list.length);
    assert.equal(entries[0]?.path, 'boot_aggregate');
    assert.ok(entries.every(({ template }) => template === 'ima-sig'));
    assert.ok(entries.some(({ path }) => path === '/mnt/etc/app.conf'));
  });

  it('knows the template digests of the known answers', () => {
    const [parsed] = parseImaList(entry('ima-ng', imaNgData)).entries;
    assert.equal(
      encodeHex(hash('sha1', parsed?.templateData ?? new Uint8Array())),
      '6045794d4b1c44273f029535cfda7525af1c305f',
    );
    assert.equal(
      encodeHex(hash('sha256', parsed?.templateData ?? new Uint8Array())),
      'e800facda90ff38b2fd9eca7a9ba1e0604df741d0eaa233b47d82507e3d17c7c',
    );
    assert.equal(parsed?.path, '/bin/x');
  });

  it('pads the name of a legacy entry to 256 bytes before it is hashed', () => {
    const name = encodeUtf8('/bin/x');
    const bytes = concatBytes(
      u32(10),
      new Uint8Array(20),
      u32(3),
      encodeUtf8('ima'),
      new Uint8Array(20).fill(0xaa),
      u32(6),
      name,
    );
    const [parsed] = parseImaList(bytes).entries;
    assert.equal(
      encodeHex(hash('sha1', parsed?.templateData ?? new Uint8Array())),
      '37f118d9c1b8cdebbdfd1d3555373daf634ee388',
    );
  });

  it('takes a format string as a template of its own', () => {
    const [parsed] = parseImaList(entry('d-ng|n-ng', imaNgData)).entries;
    assert.equal(parsed?.path, '/bin/x');
  });

  it('tells fs-verity digests from file digests', () => {
    const data = concatBytes(u32(47), encodeUtf8('verity:sha256:\0'), new Uint8Array(32), u32(3), encodeUtf8('/x\0'));
    assert.equal(parseImaList(entry('ima-ngv2', data)).entries[0]?.digest.kind, 'verity');
  });

  it('refuses every truncation, or says how many bytes are no entry', () => {
    const boundaries = new Set(parseImaList(list).entries.map(({ offset }) => offset));
    for (let length = 1; length < list.length; length += 1) {
      try {
        const { trailingBytes } = parseImaList(list.subarray(0, length));
        assert.ok(trailingBytes > 0 || boundaries.has(length), `cut at ${length}`);
      } catch (error) {
        assert.equal((error as AttestationError).code, 'IMA_LIST_TRUNCATED', `cut at ${length}`);
      }
    }
  });

  it('refuses lengths that lie', () => {
    const good = entry('ima-ng', imaNgData);
    for (const [offset, value] of [
      [24, 0xffffffff],
      [24, 129],
      [34, 0xffffffff],
      [34, 2_000_000],
    ] as const) {
      const bad = good.slice();
      bad.set(u32(value), offset);
      assert.throws(() => parseImaList(bad), AttestationError);
    }
  });

  it('refuses fields that do not fill their data, an unknown template and a PCR that does not exist', () => {
    assert.throws(() => parseImaList(entry('ima-ng', concatBytes(imaNgData, u32(0)))), { code: 'IMA_ENTRY_MALFORMED' });
    assert.throws(() => parseImaList(entry('ima-other', imaNgData)), { code: 'IMA_TEMPLATE_UNKNOWN' });
    assert.throws(() => parseImaList(entry('toString', imaNgData)), { code: 'IMA_TEMPLATE_UNKNOWN' });
    const badPcr = entry('ima-ng', imaNgData);
    badPcr.set(u32(24), 0);
    assert.throws(() => parseImaList(badPcr), { code: 'IMA_ENTRY_MALFORMED' });
  });

  it('refuses a template without a digest first and a name second, a field twice, and a field that nobody knows', () => {
    const more = concatBytes(imaNgData, u32(0), u32(0));
    assert.equal(parseImaList(entry('d-ng|n-ng|sig|buf', more)).entries[0]?.path, '/bin/x');
    const formats = ['d-ng', 'd-ng|sig', 'n-ng|sig', 'sig|buf', 'n-ng|d-ng', 'd-ng|n-ng|other', 'd-ng|n-ng|sig|sig'];
    // No digest covers the name of a template: with these a host would choose which bytes are the digest, or the path.
    const chosen = [
      'd-ng|n-ng|d-ng',
      'd-ng|n-ng|d-ngv2',
      'd-ng|n-ng|d',
      'd-ng|n-ng|n',
      'sig|n-ng|d-ng',
      'd-ng|sig|n-ng',
    ];
    for (const format of [...formats, ...chosen]) {
      assert.throws(() => parseImaList(entry(format, more)), { code: 'IMA_TEMPLATE_UNKNOWN' }, format);
    }
  });

  it('refuses a path with a NUL inside, which is how an entry of another template looks under the name `ima`', () => {
    const data = concatBytes(imaNgData, new Uint8Array(300));
    const shown = concatBytes(entry('ima', new Uint8Array()).subarray(0, 31), data.subarray(0, 20), u32(200), data.subarray(20, 220)); // prettier-ignore
    assert.throws(() => parseImaList(shown), { code: 'IMA_ENTRY_MALFORMED' });
    const named = concatBytes(u32(40), imaNgData.subarray(4, 44), u32(5), encodeUtf8('/a\0b\0'));
    assert.throws(() => parseImaList(entry('ima-ng', named)), { code: 'IMA_ENTRY_MALFORMED' });
  });

  it('refuses a digest that does not say its algorithm', () => {
    const data = concatBytes(u32(33), new Uint8Array(33), imaNgData.subarray(44));
    assert.throws(() => parseImaList(entry('ima-ng', data)), { code: 'IMA_ENTRY_MALFORMED' });
  });

  it('refuses a list that is too large before it reads any of it', () => {
    assert.throws(() => parseImaList(new Uint8Array(64 * 1024 * 1024 + 1)), { code: 'IMA_LIST_TOO_LARGE' });
  });

  it('answers arbitrary bytes with a list or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          parseImaList(bytes);
        } catch (error) {
          assert.ok(error instanceof AttestationError);
        }
      }),
    );
  });
});
