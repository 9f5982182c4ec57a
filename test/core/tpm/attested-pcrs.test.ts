import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import {
  parsePcrFile,
  resettablePcrs,
  verifyAttestationKey,
  verifyPcrs,
  verifyQuote,
  type ClaimedPcrs,
  type PcrSelection,
  type VerifiedQuote,
} from '../../../src/core/tpm/index.ts';
import { bootQuote, capturedQuotes, captureText, type CapturedQuote } from './captures.ts';
import { flipped, pcrsOf, quoteClaim, signedStatement, softwareKey } from './software-key.ts';

const signer = softwareKey();

function verified({ attest, signature, akPublic, nonce }: CapturedQuote): VerifiedQuote {
  return verifyQuote({ attest, signature, key: verifyAttestationKey(akPublic), qualifyingData: nonce });
}

function quoteOf(selections: readonly PcrSelection[], pcrDigest?: Uint8Array): VerifiedQuote {
  const change = pcrDigest === undefined ? { selections } : { selections, pcrDigest };
  return verifyQuote(signedStatement(signer, quoteClaim(signer.key, change)));
}

const selections: readonly PcrSelection[] = [
  { bank: 'sha1', pcrs: [0] },
  { bank: 'sha256', pcrs: [0, 4, 7] },
];
const values = pcrsOf(selections);

function refused(quote: VerifiedQuote, claimed: ClaimedPcrs, code: string): void {
  assert.throws(() => verifyPcrs(quote, claimed), { code });
}

describe('verifyPcrs', () => {
  it('accepts the PCR files of every captured quote', () => {
    for (const captured of capturedQuotes) {
      const { pcrs } = parsePcrFile(captured.pcrFile);
      const attested = verifyPcrs(verified(captured), pcrs);
      for (const [pcr, value] of attested.banks.get('sha256') ?? []) {
        assert.deepEqual(value, pcrs.get('sha256')?.get(pcr), captured.title);
      }
    }
  });

  it('gives the values that the kernel of the same boot read', () => {
    const banks = JSON.parse(captureText('boot/sb-on/pcrs.json')) as Record<string, Record<string, string>>;
    const attested = verifyPcrs(verified(bootQuote), parsePcrFile(bootQuote.pcrFile).pcrs);
    const values = attested.banks.get('sha256');
    assert.equal(values?.size, 16);
    for (const [pcr, value] of values) {
      assert.equal(encodeHex(value), banks['sha256']?.[String(pcr)]?.toLowerCase(), `PCR ${pcr}`);
    }
  });

  it('accepts several banks', () => {
    const attested = verifyPcrs(quoteOf(selections), values);
    assert.deepEqual([...attested.banks.keys()], ['sha1', 'sha256']);
    assert.deepEqual([...(attested.banks.get('sha256')?.keys() ?? [])], [0, 4, 7]);
    assert.equal(attested.resettable.size, 0);
  });

  it('rejects when there is nothing to verify: no values at all', () => {
    refused(quoteOf(selections), new Map(), 'TPM_PCRS_MISSING');
    refused(quoteOf(selections), new Map([['sha256', new Map()]]), 'TPM_PCRS_MISSING');
  });

  it('T15: rejects a selected PCR without a value, for PCRs are absent, never zero', () => {
    const quote = quoteOf([{ bank: 'sha256', pcrs: [0, 7] }]);
    refused(quote, pcrsOf([{ bank: 'sha256', pcrs: [0] }]), 'TPM_PCRS_MISSING');
  });

  it('T15: rejects a value that the quote does not select, in that bank or in another', () => {
    const quote = quoteOf([{ bank: 'sha256', pcrs: [0, 7] }]);
    refused(quote, pcrsOf([{ bank: 'sha256', pcrs: [0, 4, 7] }]), 'TPM_PCRS_UNSELECTED');
    const other = pcrsOf([
      { bank: 'sha256', pcrs: [0, 7] },
      { bank: 'sha384', pcrs: [0] },
    ]);
    refused(quote, other, 'TPM_PCRS_UNSELECTED');
  });

  it('T15: never shows a PCR that was not signed', () => {
    const attested = verifyPcrs(
      quoteOf([{ bank: 'sha256', pcrs: [0, 7] }]),
      pcrsOf([{ bank: 'sha256', pcrs: [0, 7] }]),
    );
    assert.equal(attested.banks.get('sha256')?.get(4), undefined);
    assert.equal(attested.banks.get('sha1'), undefined);
  });

  it('T20: rejects PCR 16 signed and shown as PCR 7', () => {
    const signed = [{ bank: 'sha256' as const, pcrs: [16] }];
    const value = hash('sha256', Uint8Array.of(16));
    refused(quoteOf(signed), new Map([['sha256', new Map([[7, value]])]]), 'TPM_PCRS_UNSELECTED');
  });

  it('T20: rejects values whose digest was made in another order of banks', () => {
    const quote = quoteOf(selections);
    refused(quoteOf([...selections].reverse(), quote.pcrDigest), values, 'TPM_PCRS_DIGEST_MISMATCH');
  });

  it('T20: rejects two PCRs with their values exchanged', () => {
    const bank = values.get('sha256');
    assert.ok(bank);
    const swapped = new Map([
      [0, bank.get(4) ?? new Uint8Array(32)],
      [4, bank.get(0) ?? new Uint8Array(32)],
      [7, bank.get(7) ?? new Uint8Array(32)],
    ]);
    refused(quoteOf(selections), new Map([...values, ['sha256', swapped]]), 'TPM_PCRS_DIGEST_MISMATCH');
  });

  it('T27: rejects every change of a byte of every value', () => {
    const quote = quoteOf(selections);
    for (const [bank, pcrs] of values) {
      for (const [pcr, value] of pcrs) {
        for (const changed of flipped(value)) {
          const claimed = new Map([...values, [bank, new Map([...pcrs, [pcr, changed]])]]);
          refused(quote, claimed, 'TPM_PCRS_DIGEST_MISMATCH');
        }
      }
    }
  });

  it('rejects values that only together have the right bytes', () => {
    const bank = values.get('sha256');
    assert.ok(bank);
    const first = bank.get(0) ?? new Uint8Array(0);
    const moved = new Map([
      [0, first.subarray(0, 31)],
      [4, new Uint8Array([...first.subarray(31), ...(bank.get(4) ?? [])])],
      [7, bank.get(7) ?? new Uint8Array(0)],
    ]);
    refused(quoteOf(selections), new Map([...values, ['sha256', moved]]), 'TPM_PCRS_SIZE_WRONG');
  });

  it('rejects a digest of another size than the scheme has', () => {
    for (const pcrDigest of [new Uint8Array(0), new Uint8Array(31), decodeHex('00')]) {
      refused(quoteOf(selections, pcrDigest), values, 'TPM_PCRS_DIGEST_MISMATCH');
    }
  });

  it('T24: keeps PCR 16 and 23 out of the evidence, in any bank and any order', () => {
    for (const chosen of [
      [
        { bank: 'sha256', pcrs: [0, 16, 23] },
        { bank: 'sha1', pcrs: [16] },
      ],
      [
        { bank: 'sha1', pcrs: [16, 23] },
        { bank: 'sha256', pcrs: [0, 16, 23] },
      ],
    ] satisfies PcrSelection[][]) {
      const attested = verifyPcrs(quoteOf(chosen), pcrsOf(chosen));
      assert.deepEqual(
        [...attested.banks].map(([bank, pcrs]) => [bank, [...pcrs.keys()]]),
        [['sha256', [0]]],
      );
      assert.deepEqual([...(attested.resettable.get('sha256')?.keys() ?? [])], resettablePcrs);
    }
  });

  it('T24: rejects a quote over nothing but resettable PCRs', () => {
    for (const pcrs of [[16], [23], [16, 23]]) {
      const chosen = [{ bank: 'sha256' as const, pcrs }];
      refused(quoteOf(chosen), pcrsOf(chosen), 'TPM_PCRS_RESETTABLE_ONLY');
    }
  });

  it('copies values, so that nobody changes afterwards what was proven', () => {
    const claimed = pcrsOf(selections);
    const attested = verifyPcrs(quoteOf(selections), claimed);
    const before = encodeHex(attested.banks.get('sha256')?.get(0) ?? new Uint8Array(0));
    claimed.get('sha256')?.get(0)?.fill(0);
    assert.equal(encodeHex(attested.banks.get('sha256')?.get(0) ?? new Uint8Array(0)), before);
  });
});
