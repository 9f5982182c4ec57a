import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { pcrDigestOf, type ClaimedPcrs, type PcrSelection } from '../../../src/core/tpm/index.ts';

const sha1: PcrSelection = { bank: 'sha1', pcrs: [4] };
const sha256: PcrSelection = { bank: 'sha256', pcrs: [0, 7] };
const values: ClaimedPcrs = new Map([
  ['sha1', new Map([[4, new Uint8Array(20).fill(0x22)]])],
  [
    'sha256',
    new Map([
      [7, new Uint8Array(32).fill(0x11)],
      [0, new Uint8Array(32)],
    ]),
  ],
]);

function digest(...selections: PcrSelection[]): string {
  return encodeHex(pcrDigestOf(selections, values, 'sha256') ?? new Uint8Array(0));
}

describe('pcrDigestOf', () => {
  it('gives the known answers, which depend on the order of the selections', () => {
    assert.equal(digest(sha1, sha256), '5b3f4a64525f64b7452272542141126113fc1c3ff65b39bfb251b6c9845a5568');
    assert.equal(digest(sha256, sha1), '786de6ffe303e861bcfdcc196106716078f331c4473719f6a694d1ad50b2b33d');
    assert.equal(digest(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('uses the hash it is given, whatever the banks are', () => {
    assert.equal(pcrDigestOf([sha1], values, 'sha384')?.length, 48);
  });

  it('T15: has no answer when a selected PCR has no value: absent is never zero', () => {
    assert.equal(pcrDigestOf([{ bank: 'sha256', pcrs: [0, 1] }], values, 'sha256'), undefined);
    assert.equal(pcrDigestOf([{ bank: 'sha384', pcrs: [0] }], values, 'sha256'), undefined);
  });
});
