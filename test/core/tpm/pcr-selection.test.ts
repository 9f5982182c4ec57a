import assert from 'node:assert/strict';
import { Cursor, decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import { encodePcrSelections } from '../../../src/core/tpm/index.ts';
import { readPcrSelections } from '../../../src/core/tpm/pcr-selection.ts';

function read(hex: string): ReturnType<typeof readPcrSelections> {
  const cursor = new Cursor(decodeHex(hex), {
    endianness: 'big',
    truncated: 'TPM_STRUCTURE_TRUNCATED',
    trailing: 'TPM_STRUCTURE_TRAILING',
  });
  const selections = readPcrSelections(cursor);
  cursor.end('selections');
  return selections;
}

describe('PCR selections', () => {
  it('keep the order of banks and name PCRs ascending', () => {
    assert.deepEqual(read('00000002' + '000403100000' + '000b03810001'), [
      { bank: 'sha1', pcrs: [4], bitmapSize: 3 },
      { bank: 'sha256', pcrs: [0, 7, 16], bitmapSize: 3 },
    ]);
  });

  it('encode to the bytes they were read from', () => {
    for (const hex of ['00000000', '00000001000b03ffffff', '0000000200040110000c04000000' + '00']) {
      assert.equal(encodeHex(encodePcrSelections(read(hex))), hex);
    }
    assert.equal(encodeHex(encodePcrSelections([{ bank: 'sha256', pcrs: [0, 7] }])), '00000001000b03810000');
    assert.throws(() => encodePcrSelections([{ bank: 'sha256', pcrs: [24] }]), TypeError);
  });

  it('T20: reject a bank that is listed twice', () => {
    assert.throws(() => read('00000002' + '000b03010000' + '000b03020000'), {
      code: 'TPM_SELECTION_BANK_REPEATED',
      at: 10,
    });
  });

  it('T20: reject an unknown bank', () => {
    for (const bank of ['0012', '0010', '0000', '0027', 'ffff']) {
      assert.throws(() => read(`00000001${bank}03010000`), { code: 'TPM_HASH_UNSUPPORTED' });
    }
  });

  it('T20: reject a bitmap of no bytes and one of more than four', () => {
    assert.throws(() => read('00000001000b00'), { code: 'TPM_SELECTION_SIZE_INVALID' });
    assert.throws(() => read('00000001000b050100000000'), { code: 'TPM_SELECTION_SIZE_INVALID' });
  });

  it('reject PCRs beyond 23', () => {
    assert.throws(() => read('00000001000b0400000001'), { code: 'TPM_SELECTION_PCR_UNKNOWN' });
  });

  it('reject counts that lie before anything is made of them', () => {
    assert.throws(() => read('ffffffff'), { code: 'TPM_SELECTION_TOO_MANY' });
    assert.throws(() => read('00000011'), { code: 'TPM_SELECTION_TOO_MANY' });
    assert.throws(() => read('00000010000b03010000'), { code: 'TPM_STRUCTURE_TRUNCATED' });
  });
});
