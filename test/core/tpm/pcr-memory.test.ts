import assert from 'node:assert/strict';
import {
  holdPcrs,
  recallPcrs,
  verifyPcrs,
  verifyQuote,
  type RememberedPcrs,
  type ClaimedPcrs,
  type PcrSelection,
} from '../../../src/core/tpm/index.ts';
import { flipped, pcrsOf, quoteClaim, signedStatement, softwareKey } from './software-key.ts';

const signer = softwareKey();
const selections = [
  { bank: 'sha1', pcrs: [0] },
  { bank: 'sha256', pcrs: [0, 7, 16] },
] as const;
const values = pcrsOf(selections);
const quoteOf = (selected: readonly PcrSelection[] = selections, pcrDigest?: Uint8Array) =>
  verifyQuote(
    signedStatement(signer, quoteClaim(signer.key, { selections: selected, ...(pcrDigest && { pcrDigest }) })),
  );

function warmed(): Map<string, RememberedPcrs> {
  const memory = new Map<string, RememberedPcrs>();
  recallPcrs(quoteOf(), values, memory);
  assert.equal(memory.size, 1);
  return memory;
}

function changed(change: (banks: Map<string, Map<number, Uint8Array>>) => void): ClaimedPcrs {
  const banks = new Map([...values].map(([bank, held]) => [bank, new Map(held)]));
  change(banks);
  return banks;
}

describe('remembered PCR values', () => {
  it('are what verifying them again gives, for every quote that says the same of them', () => {
    const memory = warmed();
    const [known] = memory.values();
    const again = recallPcrs(quoteOf(), values, memory);
    assert.equal(again, known?.proven, 'not verified again');
    assert.deepEqual(again, verifyPcrs(quoteOf(), values));
  });

  it('are those that were proven, whatever becomes of the bytes that were sent', () => {
    const sent = changed((banks) => banks.get('sha256')?.set(7, Uint8Array.from(values.get('sha256')?.get(7) ?? [])));
    const memory = new Map<string, RememberedPcrs>();
    recallPcrs(quoteOf(), sent, memory);
    sent.get('sha256')?.get(7)?.fill(9);
    assert.throws(() => recallPcrs(quoteOf(), sent, memory), { code: 'TPM_PCRS_DIGEST_MISMATCH' });
    assert.deepEqual(recallPcrs(quoteOf(), values, memory), verifyPcrs(quoteOf(), values));
  });

  it('are not compared again with a claim that is held and was proven', () => {
    const [memory, claimed] = [warmed(), holdPcrs(values)];
    const known = recallPcrs(quoteOf(), claimed, memory);
    assert.deepEqual(known, verifyPcrs(quoteOf(), values));
    // Nobody does this: it shows that nobody looks.
    claimed.get('sha256')?.get(7)?.fill(9);
    assert.equal(recallPcrs(quoteOf(), claimed, memory), known);
    assert.equal(recallPcrs(quoteOf(), values, memory), known);
    assert.equal(recallPcrs(quoteOf(), claimed, memory), known, 'nor after others, who sent theirs');
    assert.throws(() => recallPcrs(quoteOf(), claimed, warmed()), { code: 'TPM_PCRS_DIGEST_MISMATCH' });
  });

  it('are held as they were, whatever becomes of the bytes that were sent', () => {
    const sent = changed((banks) => banks.get('sha256')?.set(7, Uint8Array.from(values.get('sha256')?.get(7) ?? [])));
    const claimed = holdPcrs(sent);
    sent.get('sha256')?.get(7)?.fill(9);
    assert.deepEqual(claimed, holdPcrs(values));
    assert.deepEqual(recallPcrs(quoteOf(), claimed, undefined), verifyPcrs(quoteOf(), values));
  });

  it('do not stand in for what is held of another boot', () => {
    const [memory, claimed] = [warmed(), holdPcrs(values)];
    recallPcrs(quoteOf(), claimed, memory);
    const other = holdPcrs(changed((banks) => banks.get('sha256')?.set(7, new Uint8Array(32))));
    for (let time = 0; time < 2; time += 1) {
      assert.throws(() => recallPcrs(quoteOf(), other, memory), { code: 'TPM_PCRS_DIGEST_MISMATCH' });
    }
    assert.throws(() => recallPcrs(quoteOf([selections[1]]), claimed, memory), { code: 'TPM_PCRS_UNSELECTED' });
    // A caller without types: no claim is not the claim that is held.
    assert.throws(() => recallPcrs(quoteOf(), undefined as unknown as ClaimedPcrs, warmed()), TypeError);
  });

  it('do not stand in for claims that verifying refuses, with the same code', () => {
    const refusals: readonly (readonly [string, ClaimedPcrs])[] = [
      ['TPM_PCRS_MISSING', new Map()],
      ['TPM_PCRS_MISSING', changed((banks) => banks.delete('sha1'))],
      ['TPM_PCRS_MISSING', changed((banks) => banks.get('sha256')?.delete(16))],
      ['TPM_PCRS_UNSELECTED', changed((banks) => banks.get('sha256')?.set(4, new Uint8Array(32)))],
      ['TPM_PCRS_UNSELECTED', changed((banks) => banks.set('sha384', new Map([[0, new Uint8Array(48)]])))],
      ['TPM_PCRS_SIZE_WRONG', changed((banks) => banks.get('sha256')?.set(7, new Uint8Array(20)))],
    ];
    for (const [code, claimed] of refusals) {
      assert.throws(() => verifyPcrs(quoteOf(), claimed), { code });
      assert.throws(() => recallPcrs(quoteOf(), claimed, warmed()), { code });
    }
    const [quote, memory] = [quoteOf(), warmed()];
    for (const [bank, held] of values) {
      for (const [pcr, value] of held) {
        for (const other of flipped(value)) {
          const claimed = changed((banks) => banks.get(bank)?.set(pcr, other));
          assert.throws(() => recallPcrs(quote, claimed, memory), { code: 'TPM_PCRS_DIGEST_MISMATCH' });
        }
      }
    }
  });

  it('T20: are not those of other PCRs, nor of another bank, that hold the same values and so give the same digest', () => {
    const good = [{ bank: 'sha256', pcrs: [0, 7] }] as const;
    const claimed = holdPcrs(pcrsOf(good));
    const digest = quoteOf(good).pcrDigest;
    for (const pcrs of [
      [16, 23],
      [0, 4],
      [7, 9],
    ]) {
      const memory = new Map<string, RememberedPcrs>();
      recallPcrs(quoteOf(good), claimed, memory);
      const relabelled = quoteOf([{ bank: 'sha256', pcrs }], digest);
      assert.throws(() => recallPcrs(relabelled, claimed, memory), { code: 'TPM_PCRS_UNSELECTED' });
      assert.throws(() => recallPcrs(relabelled, pcrsOf(good), memory), { code: 'TPM_PCRS_UNSELECTED' });
    }
  });

  it('are not those of a quote that selects others, and a refusal is not remembered', () => {
    const memory = warmed();
    assert.throws(() => recallPcrs(quoteOf([selections[1]]), values, memory), { code: 'TPM_PCRS_UNSELECTED' });
    assert.equal(memory.size, 1);
    assert.equal(recallPcrs(quoteOf([selections[1]]), pcrsOf([selections[1]]), memory).banks.size, 1);
    assert.equal(memory.size, 2);
  });
});
