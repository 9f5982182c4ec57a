import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeHex, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { encodeAttest, parseAttest, unwrapTpm2bAttest, type ClaimedAttest } from '../../../src/core/tpm/index.ts';
import { capture, capturedQuotes } from './captures.ts';
import { truncated, withExtraByte } from './software-key.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const clock = { clockMs: 2n ** 63n, resetCount: 0xffffffff, restartCount: 7, safe: false };
const header = { qualifiedSigner: bytes(0, 11, 1), extraData: bytes(9), clock, firmwareVersion: 2n ** 64n - 1n };

const claims: readonly ClaimedAttest[] = [
  {
    type: 'quote',
    ...header,
    selections: [{ bank: 'sha384', pcrs: [0, 8, 23], bitmapSize: 3 }],
    pcrDigest: bytes(1, 2),
  },
  { type: 'certify', ...header, name: bytes(1), qualifiedName: bytes(2, 3) },
  { type: 'creation', ...header, objectName: bytes(1), creationHash: bytes(2, 3) },
  { type: 'time', ...header, timeMs: 5n, timeClock: { ...clock, safe: true }, timeFirmwareVersion: 6n },
  { type: 'nv', ...header, indexName: bytes(1), offset: 3, contents: bytes(4, 5) },
  { type: 'nv-digest', ...header, indexName: bytes(1), nvDigest: bytes(4, 5) },
  { type: 'command-audit', ...header, auditCounter: 1n, digestAlg: 11, auditDigest: bytes(1), commandDigest: bytes(2) },
  { type: 'session-audit', ...header, exclusiveSession: true, sessionDigest: bytes(1) },
];

describe('parseAttest', () => {
  it('reads the quotes of a real TPM and encodes them back to the same bytes', () => {
    for (const { title, attest } of capturedQuotes) assert.deepEqual(encodeAttest(parseAttest(attest)), attest, title);
  });

  it('reads what a TPM said', () => {
    const claim = parseAttest(capture('tpm-quote/quote_rsa.msg'));
    assert.ok(claim.type === 'quote');
    assert.equal(encodeHex(claim.extraData), 'd690df715308adfe9634bbff54911ecca0d6f1e1');
    assert.deepEqual(claim.clock, { clockMs: 120892n, resetCount: 2, restartCount: 0, safe: true });
    assert.equal(claim.firmwareVersion, 0x2019102300163636n);
    const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16];
    assert.deepEqual(claim.selections, [{ bank: 'sha256', pcrs, bitmapSize: 3 }]);
    assert.equal(encodeHex(claim.pcrDigest), '3bf6b0882c0099a62255e718a1c58072d5c9dada9ebbfa5007da246c4588c843');
  });

  it('reads every type of statement, and encodes it back', () => {
    for (const claim of claims) assert.deepEqual(parseAttest(encodeAttest(claim)), claim);
  });

  it('T26: rejects every truncation and one byte too many, of every type', () => {
    for (const whole of [...claims.map(encodeAttest), ...capturedQuotes.map(({ attest }) => attest)]) {
      for (const part of truncated(whole)) assert.throws(() => parseAttest(part), { code: 'TPM_STRUCTURE_TRUNCATED' });
      assert.throws(() => parseAttest(withExtraByte(whole)), { code: 'TPM_STRUCTURE_TRAILING' });
    }
  });

  it('T19: rejects any magic but TPM_GENERATED before it reads on', () => {
    for (const magic of [0, 0x00544347, 0xff544346, 0x474354ff, 0xffffffff]) {
      assert.throws(() => parseAttest(encodeUnsigned(magic, 4)), { code: 'TPM_ATTEST_MAGIC_WRONG', at: 0 });
    }
  });

  it('rejects a type that does not exist, the reserved one included', () => {
    for (const type of [0, 0x8013, 0x801b, 0x801d, 0xffff]) {
      assert.throws(() => parseAttest(patched(4, type)), { code: 'TPM_ATTEST_TYPE_UNKNOWN', at: 4 });
    }
  });

  it('rejects a flag that is neither yes nor no', () => {
    for (const [index, claim] of claims.entries()) {
      const whole = encodeAttest(claim);
      whole[6 + 5 + 3 + 16] = 2;
      assert.throws(() => parseAttest(whole), { code: 'TPM_ATTEST_FLAG_INVALID', at: 30 }, String(index));
    }
  });

  it('rejects sizes and counts that lie', () => {
    assert.throws(() => parseAttest(patched(6, 0xffff)), { code: 'TPM_STRUCTURE_TOO_LARGE', at: 6 });
    assert.throws(() => parseAttest(patched(6, 67)), { code: 'TPM_STRUCTURE_TOO_LARGE', at: 6 });
    assert.throws(() => parseAttest(new Uint8Array(4097)), { code: 'TPM_STRUCTURE_TOO_LARGE' });
  });

  it('gives a result that encodes back, or a typed error, for any bytes', () => {
    const seeds = [...claims.map(encodeAttest), capture('tpm-quote/quote_ecc.msg')];
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(150), fc.uint8Array({ maxLength: 6 }), (seed, offset, noise) => {
        const changed = Uint8Array.from(seed);
        if (offset + noise.length <= changed.length) changed.set(noise, offset);
        try {
          assert.deepEqual(encodeAttest(parseAttest(changed)), changed);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('unwrapTpm2bAttest', () => {
  it('takes the size off a sized statement and leaves a bare one alone', () => {
    const bare = capture('tpm-quote/quote_ecc.msg');
    assert.deepEqual(unwrapTpm2bAttest(concatBytes(encodeUnsigned(bare.length, 2), bare)), bare);
    assert.equal(unwrapTpm2bAttest(bare), bare);
  });

  it('leaves anything else to the parser', () => {
    const bare = capture('tpm-quote/quote_ecc.msg');
    const lying = concatBytes(encodeUnsigned(bare.length + 1, 2), bare);
    assert.equal(unwrapTpm2bAttest(lying), lying);
    for (const size of [0, 2, 4, 100]) {
      const sizedOther = concatBytes(encodeUnsigned(size, 2), new Uint8Array(size));
      assert.equal(unwrapTpm2bAttest(sizedOther), sizedOther, `${size} bytes that are no statement`);
    }
    const begun = concatBytes(encodeUnsigned(4, 2), bare.subarray(0, 3), Uint8Array.of(0));
    assert.equal(unwrapTpm2bAttest(begun), begun, 'three bytes of the magic');
    assert.deepEqual(unwrapTpm2bAttest(new Uint8Array(0)), new Uint8Array(0));
  });
});

function patched(offset: number, value: number): Uint8Array {
  const whole = Uint8Array.from(capture('tpm-quote/quote_ecc.msg'));
  whole.set([value >> 8, value & 0xff], offset);
  return whole;
}
