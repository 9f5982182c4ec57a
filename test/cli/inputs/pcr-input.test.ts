import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { CliError } from '../../../src/cli/errors.ts';
import { parsePcrInput, selectPcrs } from '../../../src/cli/inputs/pcr-input.ts';

const serialized = new Uint8Array(readFileSync('test/fixtures/lab/tpm-quote/quote_rsa.pcrs'));
const isRefusal = (error: unknown) => error instanceof CliError && error.code === 'CLI_INPUT_UNRECOGNISED';

describe('parsePcrInput', () => {
  it('reads what tpm2_quote -o wrote', () => {
    const values = parsePcrInput(serialized).get('sha256');
    assert.deepEqual([...(values?.keys() ?? [])], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16]);
    assert.equal(encodeHex(values?.get(7) ?? new Uint8Array()).slice(0, 8), '469ab4ea');
  });

  it('reads JSON by bank and index', () => {
    const values = parsePcrInput(encodeUtf8(`{"sha256":{"7":"${'ab'.repeat(32)}","8":"0x${'cd'.repeat(32)}"}}`));
    assert.equal(encodeHex(values.get('sha256')?.get(8) ?? new Uint8Array()), 'cd'.repeat(32));
  });

  it('keeps only what a quote selects', () => {
    const selected = selectPcrs(parsePcrInput(serialized), [{ bank: 'sha256', pcrs: [7] }]);
    assert.deepEqual([...(selected.get('sha256')?.keys() ?? [])], [7]);
  });

  it('rejects every truncation and one byte too many', () => {
    for (let length = 0; length < serialized.length; length += 1) {
      assert.throws(() => parsePcrInput(serialized.subarray(0, length)), isRefusal, `${length} bytes`);
    }
    assert.throws(() => parsePcrInput(new Uint8Array([...serialized, 0])), isRefusal);
  });

  it('rejects JSON that is no set of PCR values', () => {
    for (const text of [
      '{',
      '{"md5":{}}',
      '{"sha256":[]}',
      '{"sha256":{"24":"00"}}',
      '{"sha256":{"1":7}}',
      '{"sha256":{"1":"0"}}',
      ' []',
    ]) {
      assert.throws(() => parsePcrInput(encodeUtf8(text)), isRefusal, text);
    }
  });

  it('answers any bytes with values or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        try {
          parsePcrInput(bytes);
        } catch (error) {
          assert.ok(isRefusal(error));
        }
      }),
    );
  });
});
