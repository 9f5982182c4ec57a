import assert from 'node:assert/strict';
import { publicKeyFromPem } from '../../../src/core/crypto/index.ts';
import { observeStatement, parsePcrFile, type ObservedInput } from '../../../src/core/tpm/index.ts';
import { capture, captureText, capturedQuotes } from './captures.ts';
import { flipped, quoteClaim, signedStatement, softwareKey, truncated } from './software-key.ts';

const [, ecc] = capturedQuotes;
assert.ok(ecc);
const input: ObservedInput = {
  attest: ecc.attest,
  signature: ecc.signature,
  signatureEncoding: { kind: 'tpmt' },
  publicKey: publicKeyFromPem(ecc.akPem),
  qualifyingData: ecc.nonce,
  pcrs: parsePcrFile(ecc.pcrFile).pcrs,
};

describe('observeStatement', () => {
  it('observes a good quote', () => {
    const { verdict, signature_valid, nonce_matches, pcr_digest_matches } = observeStatement(input);
    assert.deepEqual([verdict, signature_valid, nonce_matches, pcr_digest_matches], ['accept', true, true, true]);
  });

  it('observes raw RSA and DER ECDSA signatures', () => {
    for (const [key, kind] of [
      ['rsa', 'raw-rsassa'],
      ['ecc', 'der-ecdsa'],
      ['ecc384', 'der-ecdsa'],
    ] as const) {
      const plain: ObservedInput = {
        ...input,
        attest: capture(`tpm-quote/quote_${key}.plain.msg`),
        signature: capture(`tpm-quote/quote_${key}.plain.sig`),
        signatureEncoding: { kind, hash: 'sha256' },
        publicKey: publicKeyFromPem(captureText(`tpm-quote/ak_${key}.pem`)),
      };
      assert.equal(observeStatement(plain).verdict, 'accept', key);
      for (const signature of truncated(plain.signature)) {
        assert.equal(observeStatement({ ...plain, signature }).verdict, 'reject');
      }
    }
  });

  it('says unverifiable without a key, and reject when something else is wrong as well', () => {
    assert.equal(observeStatement({ ...input, publicKey: undefined }).verdict, 'unverifiable');
    const wrong = { ...input, publicKey: undefined, qualifyingData: new Uint8Array(20) };
    assert.equal(observeStatement(wrong).verdict, 'reject');
  });

  it('leaves undefined what there is nothing to compare with', () => {
    const seen = observeStatement({ ...input, qualifyingData: undefined, pcrs: undefined });
    assert.deepEqual([seen.nonce_matches, seen.pcr_digest_matches, seen.verdict], [undefined, undefined, 'accept']);
  });

  it('rejects when PCR values are missing or changed', () => {
    assert.equal(observeStatement({ ...input, pcrs: new Map() }).pcr_digest_matches, false);
    const bank = new Map([...(input.pcrs?.get('sha256') ?? []), [7, new Uint8Array(32)] as const]);
    assert.deepEqual(observeStatement({ ...input, pcrs: new Map([['sha256', bank]]) }).reasons, [
      'PCR digest mismatch',
    ]);
  });

  it('rejects every change of a byte of the statement, and never throws', () => {
    for (const attest of flipped(input.attest)) assert.equal(observeStatement({ ...input, attest }).verdict, 'reject');
    for (const attest of truncated(input.attest))
      assert.equal(observeStatement({ ...input, attest }).verdict, 'reject');
    for (const signature of truncated(input.signature)) {
      assert.equal(observeStatement({ ...input, signature }).verdict, 'reject');
    }
  });

  it('T19: rejects a wrong magic though its signature is valid', () => {
    const signer = softwareKey();
    const { attest } = signedStatement(signer, quoteClaim(signer.key));
    attest[0] = 0;
    const signature = signer.sign(attest);
    const seen = observeStatement({
      ...input,
      attest,
      signature,
      publicKey: signer.key.public.publicKey,
      pcrs: undefined,
    });
    assert.deepEqual([seen.verdict, seen.signature_valid, seen.attest], ['reject', true, undefined]);
  });
});
