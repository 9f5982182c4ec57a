import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../../src/core/error.ts';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { looksLikeImaText, parseImaList, parseImaText } from '../../../src/core/ima/index.ts';
import { readBoot } from './fixtures.ts';

describe('parseImaText', () => {
  for (const run of ['sb-on', 'ima-evil', 'ima-violation']) {
    it(`rebuilds from the ASCII list of ${run} what the binary list holds`, () => {
      const text = parseImaText(readBoot(run, 'ima_ascii_runtime_measurements'));
      const binary = parseImaList(readBoot(run, 'ima_binary_runtime_measurements'));
      assert.deepEqual(
        text.entries.map(({ templateData, path }) => [path, encodeHex(templateData)]),
        binary.entries.map(({ templateData, path }) => [path, encodeHex(templateData)]),
      );
    });
  }

  it('refuses what is not a list, naming the line', () => {
    assert.throws(() => parseImaText(encodeUtf8('hello\n')), { code: 'IMA_TEXT_MALFORMED', at: 'line 1' });
    const line = `10 ${'00'.repeat(20)} ima-ng sha256:zz /x`;
    assert.throws(() => parseImaText(encodeUtf8(line)), { code: 'IMA_TEXT_MALFORMED', at: 'line 1' });
  });

  it('reads lists with digests of another template hash, of algorithms that it cannot compute too', () => {
    const line = (size: number, alg: string): string =>
      `10 ${'ab'.repeat(size)} ima-ng ${alg}:${'cd'.repeat(32)} /data\n`;
    for (const [size, alg] of [
      [20, 'sha1'],
      [32, 'sha256'],
      [48, 'sha384'],
      [64, 'sha512'],
    ] as const) {
      const list = parseImaText(encodeUtf8(line(size, 'sm3_256') + line(size, 'streebog256')));
      assert.equal(list.templateHash, alg);
      assert.deepEqual(
        list.entries.map(({ digest }) => digest.algorithm),
        ['sm3_256', 'streebog256'],
      );
    }
    assert.throws(() => parseImaText(encodeUtf8(line(32, 'sha256') + line(20, 'sha256'))), { code: 'IMA_TEXT_MALFORMED', at: 'line 2' }); // prettier-ignore
    assert.throws(() => parseImaText(encodeUtf8(line(21, 'sha256'))), { code: 'IMA_TEXT_MALFORMED', at: 'line 1' });
  });

  it('tells the two forms apart', () => {
    assert.equal(looksLikeImaText(readBoot('sb-on', 'ima_ascii_runtime_measurements')), true);
    assert.equal(looksLikeImaText(readBoot('sb-on', 'ima_binary_runtime_measurements')), false);
  });

  it('answers arbitrary text with a list or a typed error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseImaText(encodeUtf8(text));
        } catch (error) {
          assert.ok(error instanceof AttestationError);
        }
      }),
    );
  });
});
