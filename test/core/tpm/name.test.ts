import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { concatBytes, decodeHex, encodeHex, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import {
  hashOfName,
  hierarchyHandles,
  nameOf,
  parseAttest,
  parseTpm2bPublic,
  qualifiedNameOf,
} from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';

describe('names', () => {
  it('are those the TPM gave its keys, with SHA-256 and with SHA-384', () => {
    for (const key of ['ak_rsa', 'ak_ecc', 'ak_ecc384', 'ak_ecc_rsaek']) {
      assert.deepEqual(
        nameOf(parseTpm2bPublic(capture(`tpm-quote/${key}.pub`))),
        capture(`tpm-quote/${key}.name`),
        key,
      );
    }
  });

  it('qualify a key by its parents up to the hierarchy, as the TPM signed it', () => {
    const endorsement = encodeUnsigned(hierarchyHandles.endorsement, 4);
    for (const [ek, ak, quote] of [
      ['ek_rsa', 'ak_rsa', 'quote_rsa'],
      ['ek_ecc', 'ak_ecc', 'quote_ecc'],
    ]) {
      const parent = qualifiedNameOf(endorsement, nameOf(parseTpm2bPublic(capture(`tpm-quote/${ek}.pub`))));
      const qualified = qualifiedNameOf(parent, capture(`tpm-quote/${ak}.name`));
      const { qualifiedSigner } = parseAttest(capture(`tpm-quote/${quote}.msg`));
      assert.equal(encodeHex(qualified), encodeHex(qualifiedSigner));
    }
  });

  it('are recognised by their form only', () => {
    const digest = hash('sha256', Uint8Array.of(1));
    assert.equal(hashOfName(concatBytes(decodeHex('000b'), digest)), 'sha256');
    assert.equal(hashOfName(concatBytes(decodeHex('000c'), digest)), undefined);
    assert.equal(hashOfName(decodeHex('40000007')), undefined);
    assert.equal(hashOfName(new Uint8Array(0)), undefined);
  });

  it('cannot be qualified without a known hash', () => {
    assert.throws(() => qualifiedNameOf(new Uint8Array(4), Uint8Array.of(0, 0x10)), { code: 'TPM_HASH_UNSUPPORTED' });
    assert.throws(() => qualifiedNameOf(new Uint8Array(4), new Uint8Array(0)), { code: 'TPM_HASH_UNSUPPORTED' });
  });
});
