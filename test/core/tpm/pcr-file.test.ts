import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { parsePcrFile } from '../../../src/core/tpm/index.ts';
import { capture, capturedQuotes } from './captures.ts';
import { truncated, withExtraByte } from './software-key.ts';

const file = capture('tpm-quote/quote_ecc.pcrs');

function patched(offset: number, ...bytes: number[]): Uint8Array {
  const copy = Uint8Array.from(file);
  copy.set(bytes, offset);
  return copy;
}

describe('parsePcrFile', () => {
  it('reads what tpm2_quote wrote', () => {
    const { selections, pcrs } = parsePcrFile(file);
    assert.deepEqual(selections[0]?.pcrs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16]);
    const bank = pcrs.get('sha256');
    assert.equal(bank?.size, 12);
    const of = (pcr: number): string => encodeHex(bank.get(pcr) ?? new Uint8Array(0));
    assert.equal(of(0), '00'.repeat(32));
    assert.equal(of(7), '469ab4eabe5fef10a1d1ac79084cadf2388b25806c1b45682cf31e7ba3084a19');
    assert.equal(of(16), '8c374a53782642f7514d087d26a3e733f1b806009a03e04a43b288ef2fa9f9c0');
    for (const { pcrFile } of capturedQuotes) parsePcrFile(pcrFile);
  });

  it('rejects every truncation, one byte too many, and nothing', () => {
    for (const part of truncated(file)) assert.throws(() => parsePcrFile(part), { code: 'TPM_PCR_FILE_INVALID' });
    assert.throws(() => parsePcrFile(withExtraByte(file)), { code: 'TPM_PCR_FILE_INVALID' });
  });

  it('rejects counts that lie: selections, lists, digests, sizes', () => {
    for (const [offset, ...bytes] of [
      [0, 17],
      [0, 0xff, 0xff, 0xff, 0xff],
      [0, 0],
      [132, 0xff, 0xff, 0xff, 0xff],
      [132, 49],
      [132, 1],
      [136, 9],
      [136, 7],
      [140, 65],
      [140, 31],
      [6, 5],
      [7, 0x7f],
    ] as const) {
      const code = 'TPM_PCR_FILE_INVALID';
      assert.throws(() => parsePcrFile(patched(offset, ...bytes)), { code }, `offset ${offset}`);
    }
  });

  it('rejects a bank twice and an unknown bank', () => {
    const twice = patched(0, 2);
    twice.set([0x0b, 0, 3, 0, 0, 0], 12);
    assert.throws(() => parsePcrFile(twice), { code: 'TPM_PCR_FILE_INVALID' });
    assert.throws(() => parsePcrFile(patched(4, 0x12)), { code: 'TPM_HASH_UNSUPPORTED' });
  });

  it('rejects PCRs beyond 23', () => {
    assert.throws(() => parsePcrFile(patched(6, 4, 0, 0, 0, 1)), { code: 'TPM_SELECTION_PCR_UNKNOWN' });
  });

  it('gives a result or a typed error for any bytes', () => {
    fc.assert(
      fc.property(fc.nat(1200), fc.uint8Array({ maxLength: 8 }), (offset, noise) => {
        const bytes = Uint8Array.from(file);
        if (offset + noise.length <= bytes.length) bytes.set(noise, offset);
        try {
          parsePcrFile(bytes);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
