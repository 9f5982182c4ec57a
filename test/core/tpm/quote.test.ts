import assert from 'node:assert/strict';
import type { HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { encodeUnsigned, leftPad } from '../../../src/core/encoding/index.ts';
import {
  encodeAttest,
  encodeSignature,
  parseSignature,
  verifyAttestationKey,
  verifyQuote,
  type ClaimedAttest,
  type PcrSelection,
  type SignedStatement,
} from '../../../src/core/tpm/index.ts';
import { bootQuote, capture, capturedQuotes, type CapturedQuote } from './captures.ts';
import { flipped, nonce, quoteClaim, signedStatement, softwareKey, truncated } from './software-key.ts';

const signer = softwareKey();

function statementOf(quote: CapturedQuote): SignedStatement {
  const { attest, signature, akPublic, nonce: qualifyingData } = quote;
  return { attest, signature, key: verifyAttestationKey(akPublic), qualifyingData };
}

function refused(claim: ClaimedAttest, code: string): void {
  assert.throws(() => verifyQuote(signedStatement(signer, claim)), { code });
}

/** Signs bytes that are not what an encoder makes. */
function signedBytes(attest: Uint8Array): SignedStatement {
  return { attest, signature: signer.sign(attest), key: signer.key, qualifyingData: nonce };
}

describe('verifyQuote', () => {
  it('accepts every quote captured from a real TPM', () => {
    for (const captured of capturedQuotes) {
      const quote = verifyQuote(statementOf(captured));
      assert.equal(quote.digestAlg, 'sha256', captured.title);
      assert.deepEqual(quote.keyName, statementOf(captured).key.name);
    }
  });

  it('accepts RSASSA, RSAPSS and ECDSA with SHA-256, SHA-384 and SHA-512', () => {
    for (const kind of ['rsassa', 'rsapss', 'ecdsa'] as const) {
      for (const alg of ['sha256', 'sha384', 'sha512'] satisfies HashAlgorithm[]) {
        const other = softwareKey(kind, alg, alg === 'sha512' ? 'P-521' : 'P-384');
        const quote = verifyQuote(signedStatement(other, quoteClaim(other.key)));
        assert.equal(quote.digestAlg, alg);
      }
    }
  });

  it('rejects when there is nothing to verify', () => {
    const none = new Uint8Array(0);
    const statement = statementOf(bootQuote);
    assert.throws(() => verifyQuote({ ...statement, attest: none }), { code: 'TPM_SIGNATURE_INVALID' });
    assert.throws(() => verifyQuote({ ...statement, signature: none }), { code: 'TPM_STRUCTURE_TRUNCATED' });
    assert.throws(() => verifyQuote({ ...statement, qualifyingData: none }), { code: 'TPM_QUALIFYING_DATA_TOO_SHORT' });
    assert.throws(() => verifyQuote(signedBytes(none)), { code: 'TPM_STRUCTURE_TRUNCATED' });
  });

  it('1. T8: rejects every change of a byte of the statement and of the signature', () => {
    for (const captured of [bootQuote, ...capturedQuotes.slice(0, 1)]) {
      const statement = statementOf(captured);
      for (const attest of flipped(captured.attest)) {
        assert.throws(() => verifyQuote({ ...statement, attest }), { code: 'TPM_SIGNATURE_INVALID' });
      }
      for (const signature of flipped(captured.signature)) {
        assert.throws(() => verifyQuote({ ...statement, signature }), { code: /^TPM_/ });
      }
    }
  });

  it('1. rejects the signature of another key', () => {
    const other = softwareKey();
    const statement = signedStatement(other, quoteClaim(other.key));
    assert.throws(() => verifyQuote({ ...statement, key: signer.key }), { code: 'TPM_SIGNATURE_INVALID' });
    const statementOfLab = statementOf(bootQuote);
    const key = verifyAttestationKey(capture('tpm-quote/ak_ecc_rsaek.pub'));
    assert.throws(() => verifyQuote({ ...statementOfLab, key }), { code: 'TPM_SIGNATURE_INVALID' });
  });

  it('1. rejects a scheme or a hash that the key does not have, even when the signature would verify', () => {
    const rsa = softwareKey('rsassa');
    const other = { ...rsa.key, scheme: { kind: 'rsapss', hash: 'sha256' } as const };
    const statement = signedStatement(rsa, quoteClaim(rsa.key));
    assert.throws(() => verifyQuote({ ...statement, key: other }), { code: 'TPM_SIGNATURE_SCHEME_MISMATCH' });
    const parsed = parseSignature(statement.signature);
    for (const alg of ['sha1', 'sha384', 'sha512'] satisfies HashAlgorithm[]) {
      const signature = encodeSignature({ ...parsed, hash: alg });
      assert.throws(() => verifyQuote({ ...statement, signature }), { code: 'TPM_SIGNATURE_SCHEME_MISMATCH' });
    }
  });

  it('1. takes r and s padded or stripped for the same signature', () => {
    const statement = signedStatement(signer, quoteClaim(signer.key));
    const parsed = parseSignature(statement.signature);
    assert.ok(parsed.kind === 'ecdsa');
    const padded = encodeSignature({ ...parsed, r: leftPad(parsed.r, 32), s: leftPad(parsed.s, 32) });
    assert.equal(verifyQuote({ ...statement, signature: padded }).digestAlg, 'sha256');
  });

  it('2. T19: rejects any magic but TPM_GENERATED, however well it is signed', () => {
    const attest = encodeAttest(quoteClaim(signer.key));
    for (const magic of [0, 0x00544347, 0xff544346, 0xffffffff]) {
      const forged = Uint8Array.from(attest);
      forged.set(encodeUnsigned(magic, 4));
      assert.throws(() => verifyQuote(signedBytes(forged)), { code: 'TPM_ATTEST_MAGIC_WRONG', at: 0 });
    }
  });

  it('3. T25: rejects every other type of statement, with a valid signature and the right nonce', () => {
    const quote = quoteClaim(signer.key);
    const { qualifiedSigner, extraData, clock, firmwareVersion } = quote;
    const header = { qualifiedSigner, extraData, clock, firmwareVersion };
    const some = new Uint8Array(32);
    const others: ClaimedAttest[] = [
      { type: 'certify', ...header, name: some, qualifiedName: some },
      { type: 'creation', ...header, objectName: some, creationHash: some },
      { type: 'time', ...header, timeMs: 1n, timeClock: clock, timeFirmwareVersion: 1n },
      { type: 'nv', ...header, indexName: some, offset: 0, contents: some },
      { type: 'nv-digest', ...header, indexName: some, nvDigest: some },
      { type: 'command-audit', ...header, auditCounter: 1n, digestAlg: 11, auditDigest: some, commandDigest: some },
      { type: 'session-audit', ...header, exclusiveSession: false, sessionDigest: some },
    ];
    for (const claim of others) refused(claim, 'TPM_ATTEST_TYPE_WRONG');
  });

  it('3. rejects the bytes of a certification under the type of a quote', () => {
    const quote = quoteClaim(signer.key);
    const attest = encodeAttest({ ...quote, type: 'certify', name: new Uint8Array(34), qualifiedName: nonce });
    attest.set([0x80, 0x18], 4);
    assert.throws(() => verifyQuote(signedBytes(attest)), { name: 'MalformedError' });
  });

  it('4. T27, T29: rejects every change of a byte of the nonce, letter case and high bytes included', () => {
    const statement = statementOf(bootQuote);
    for (const qualifyingData of flipped(bootQuote.nonce)) {
      assert.throws(() => verifyQuote({ ...statement, qualifyingData }), { code: 'TPM_QUALIFYING_DATA_MISMATCH' });
    }
    for (const [sent, expected] of [
      [0x41, 0x61],
      [0x80, 0xc0],
      [0xff, 0x7f],
    ]) {
      const claim = quoteClaim(signer.key, { extraData: new Uint8Array(32).fill(sent ?? 0) });
      const made = { ...signedStatement(signer, claim), qualifyingData: new Uint8Array(32).fill(expected ?? 0) };
      assert.throws(() => verifyQuote(made), { code: 'TPM_QUALIFYING_DATA_MISMATCH' });
    }
  });

  it('4. T29: rejects a prefix, an extension and no qualifying data in the statement', () => {
    for (const extraData of [nonce.subarray(0, 31), leftPad(nonce, 33), new Uint8Array(0)]) {
      refused(quoteClaim(signer.key, { extraData }), 'TPM_QUALIFYING_DATA_MISMATCH');
    }
  });

  it('4. T29: rejects to compare with fewer than 16 bytes', () => {
    const extraData = new Uint8Array(15);
    const statement = signedStatement(signer, quoteClaim(signer.key, { extraData }));
    assert.throws(() => verifyQuote({ ...statement, qualifyingData: extraData }), {
      code: 'TPM_QUALIFYING_DATA_TOO_SHORT',
    });
  });

  it('5. T15: rejects a quote over no PCR: no selection, and selections that the TPM cleared', () => {
    refused(quoteClaim(signer.key, { selections: [] }), 'TPM_QUOTE_SELECTION_EMPTY');
    const selections: PcrSelection[] = [
      { bank: 'sha256', pcrs: [] },
      { bank: 'sha384', pcrs: [] },
    ];
    refused(quoteClaim(signer.key, { selections }), 'TPM_QUOTE_SELECTION_EMPTY');
  });

  it('5. T20: rejects a bank twice, an unknown bank, and a bitmap of 0, 1, 2, 4 or more bytes', () => {
    const twice: PcrSelection[] = [
      { bank: 'sha256', pcrs: [0] },
      { bank: 'sha256', pcrs: [7] },
    ];
    refused(quoteClaim(signer.key, { selections: twice }), 'TPM_SELECTION_BANK_REPEATED');
    for (const bitmapSize of [1, 2, 4, 5]) {
      const selections = [{ bank: 'sha256' as const, pcrs: [0, 7], bitmapSize }];
      refused(quoteClaim(signer.key, { selections }), 'TPM_SELECTION_SIZE_INVALID');
    }
    const none = [{ bank: 'sha256' as const, pcrs: [], bitmapSize: 0 }];
    refused(quoteClaim(signer.key, { selections: none, pcrDigest: nonce }), 'TPM_SELECTION_SIZE_INVALID');
    const attest = encodeAttest(quoteClaim(signer.key));
    attest.set([0, 0x12], attest.length - 34 - 6);
    assert.throws(() => verifyQuote(signedBytes(attest)), { code: 'TPM_HASH_UNSUPPORTED' });
  });

  it('rejects a signer that is no qualified name of the key: a handle, nothing, a name with another hash', () => {
    for (const length of [0, 4, 32, 50]) {
      refused(quoteClaim(signer.key, { qualifiedSigner: new Uint8Array(length) }), 'TPM_ATTEST_SIGNER_MALFORMED');
    }
  });

  it('T26: rejects every truncation of statement and signature with a typed error', () => {
    for (const attest of truncated(encodeAttest(quoteClaim(signer.key)))) {
      assert.throws(() => verifyQuote(signedBytes(attest)), { code: 'TPM_STRUCTURE_TRUNCATED' });
    }
    const statement = statementOf(bootQuote);
    for (const signature of truncated(bootQuote.signature)) {
      assert.throws(() => verifyQuote({ ...statement, signature }), { code: 'TPM_STRUCTURE_TRUNCATED' });
    }
  });
});
