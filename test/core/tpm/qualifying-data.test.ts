import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { certifyQualifyingData, quoteQualifyingData, type QuoteContext } from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';

const context: QuoteContext = {
  serverId: 'touchstone.example',
  hostId: 'compute-01',
  akName: capture('tpm-quote/ak_ecc.name'),
  nonce: new Uint8Array(32).fill(0xa5),
};

describe('quoteQualifyingData', () => {
  it('is the SHA-256 of label, server, host, key name and nonce', () => {
    const text = encodeUtf8('touchstone-quote-v1\0touchstone.example\0compute-01\0');
    const expected = hash('sha256', concatBytes(text, context.akName, context.nonce));
    assert.equal(encodeHex(quoteQualifyingData(context)), encodeHex(expected));
  });

  it('differs for another server, host, key and nonce', () => {
    const all = [
      context,
      { ...context, serverId: 'touchstone.example2' },
      { ...context, hostId: 'compute-02' },
      { ...context, akName: capture('tpm-quote/ak_rsa.name') },
      { ...context, akName: capture('tpm-quote/ak_ecc384.name') },
      { ...context, nonce: new Uint8Array(32).fill(0xa6) },
      { ...context, serverId: 'touchstone.exampl', hostId: 'ecompute-01' },
    ].map((one) => encodeHex(quoteQualifyingData(one)));
    assert.equal(new Set(all).size, all.length);
  });

  it('rejects ids with NUL and names that are none, since two contexts could then be one', () => {
    for (const change of [
      { serverId: 'a\0b' },
      { hostId: 'a\0b' },
      { akName: new Uint8Array(0) },
      { akName: context.akName.subarray(1) },
    ]) {
      assert.throws(() => quoteQualifyingData({ ...context, ...change }), { code: 'TPM_QUALIFYING_DATA_AMBIGUOUS' });
    }
  });

  it('rejects a nonce of fewer than 16 bytes', () => {
    for (const length of [0, 8, 15]) {
      const nonce = new Uint8Array(length);
      assert.throws(() => quoteQualifyingData({ ...context, nonce }), { code: 'TPM_QUALIFYING_DATA_TOO_SHORT' });
    }
  });
});

describe('certifyQualifyingData', () => {
  const { serverId, akName } = context;
  const enrolment = { serverId, enrolmentId: 'enr_1', akName };

  it('is the SHA-256 of label, server, enrolment and key name', () => {
    const text = encodeUtf8('touchstone-certify-v1\0touchstone.example\0enr_1\0');
    const expected = hash('sha256', concatBytes(text, akName));
    assert.equal(encodeHex(certifyQualifyingData(enrolment)), encodeHex(expected));
  });

  it('rejects ids with NUL and names that are none, since two enrolments could then be one', () => {
    for (const change of [
      { serverId: 'a\0b' },
      { enrolmentId: 'a\0b' },
      { akName: new Uint8Array(0) },
      { akName: akName.subarray(1) },
    ]) {
      assert.throws(() => certifyQualifyingData({ ...enrolment, ...change }), {
        code: 'TPM_QUALIFYING_DATA_AMBIGUOUS',
      });
    }
  });
});
