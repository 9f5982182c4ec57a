// The attack catalogue: what is said of registers, counters and keys. One test for each entry; docs/threat-model.md has the
// table.
import assert from 'node:assert/strict';
import { VerificationError } from '../../../src/core/error.ts';
import { concatBytes, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import { appraise, parsePolicy } from '../../../src/core/appraisal/index.ts';
import {
  attributeBits,
  encodePublic,
  hierarchyHandles,
  parseAttest,
  qualifiedNameOf,
  verifyAttestationKey,
  type ClaimedPcrs,
} from '../../../src/core/tpm/index.ts';
import { nonce, quoteClaim, signedStatement } from '../tpm/software-key.ts';
import { bootPcrs, evidenceOf, honest, judge, refuses, signer, valuesOf } from './attacked-host.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from './lab.ts';

/** Values of one bank under other numbers. */
function renumber(values: ClaimedPcrs, number: (pcr: number) => number): ClaimedPcrs {
  return new Map([...values].map(([bank, pcrs]) => [bank, new Map([...pcrs].map(([pcr, value]) => [number(pcr), value]))])); // prettier-ignore
}

describe('attack catalogue: quote', () => {
  it('trusts the honest host that the attacks start from', () => {
    assert.equal(judge().status, 'affirming');
  });

  it('attack 3: an empty or reduced PCR selection', () => {
    const without = (...left: number[]) => bootPcrs.filter((pcr) => !left.includes(pcr));
    refuses({ selections: [] }, 'TPM_QUOTE_SELECTION_EMPTY');
    refuses({ selections: [{ bank: 'sha256', pcrs: [] }] }, 'TPM_QUOTE_SELECTION_EMPTY');
    for (const pcr of [0, 2, 4, 7, 8, 9, 11, 12, 14]) {
      refuses({ selections: [{ bank: 'sha256', pcrs: without(pcr) }] }, 'QUOTE_PCR_MISSING');
    }
  });

  it('attack 4: a downgrade to the weak bank', () => {
    const sha1 = [{ bank: 'sha1' as const, pcrs: bootPcrs }];
    refuses({ selections: sha1, banks: ['sha1'] }, 'QUOTE_BANK_MISSING');
    refuses({ selections: sha1, banks: ['sha1', 'sha256'] }, 'QUOTE_BANK_MISSING');
    const demand = { id: 'p', version: 1, layers: ['firmware'], verdictSeconds: 60, bank: 'sha1' };
    assert.throws(() => parsePolicy(demand), { code: 'APPRAISAL_POLICY_BANK_REFUSED' });
    // The bank is the server's choice: a policy object that never went through the parser changes nothing.
    refuses({ selections: sha1, banks: ['sha1'], policy: { bank: 'sha1' as 'sha256' } }, 'POLICY_BANK_REFUSED');
  });

  it('attack 5: a bank twice in the selection, or values in another order than was signed', () => {
    const twice = [
      { bank: 'sha256' as const, pcrs: [0, 4, 7] },
      { bank: 'sha256' as const, pcrs: bootPcrs },
    ];
    refuses({ selections: twice }, 'TPM_SELECTION_BANK_REPEATED');
    const [first, second] = [
      { bank: 'sha256' as const, pcrs: bootPcrs },
      { bank: 'sha384' as const, pcrs: bootPcrs },
    ];
    const signedInOtherOrder = evidenceOf({ selections: [second, first], banks: ['sha256', 'sha384'] });
    const claim = parseAttest(signedInOtherOrder.attest);
    assert.ok(claim.type === 'quote');
    refuses({ selections: [first, second], banks: ['sha256', 'sha384'], claim: { pcrDigest: claim.pcrDigest } }, 'TPM_PCRS_DIGEST_MISMATCH'); // prettier-ignore
  });

  it('attack 6: good values in PCR 16 or 23, shown as PCR 0 or 7', () => {
    for (const resettable of [16, 23]) {
      for (const shown of [0, 7]) {
        const pcrs = bootPcrs.map((pcr) => (pcr === shown ? resettable : pcr)).sort((left, right) => left - right);
        const good =
          valuesOf(honest, [{ bank: 'sha256', pcrs: [shown] }])
            .get('sha256')
            ?.get(shown) ?? assert.fail();
        const held = (values: ClaimedPcrs): ClaimedPcrs => new Map([...values].map(([bank, all]) => [bank, new Map([...all, [resettable, good] as const])])); // prettier-ignore
        const sent = (values: ClaimedPcrs) => renumber(values, (pcr) => (pcr === resettable ? shown : pcr));
        refuses({ selections: [{ bank: 'sha256', pcrs }], held, sent }, 'TPM_PCRS_UNSELECTED');
        refuses({ selections: [{ bank: 'sha256', pcrs }], held }, 'QUOTE_PCR_MISSING');
      }
    }
  });

  it('attack 7: a statement that no TPM made, under a key that signs anything', () => {
    for (const attribute of ['restricted', 'fixedTpm', 'sensitiveDataOrigin'] as const) {
      const unrestricted = { ...signer.area, attributes: signer.area.attributes & ~attributeBits[attribute] };
      assert.throws(() => verifyAttestationKey(encodePublic(unrestricted)), VerificationError, attribute);
    }
    const { attest } = evidenceOf({});
    const forged = concatBytes(encodeUnsigned(0x00544347, 4), attest.subarray(4));
    refuses({ evidence: { attest: forged, signature: signer.sign(forged) } }, 'TPM_ATTEST_MAGIC_WRONG');
  });

  it('attack 8: a certification, a creation, an NV or a time statement in the place of a quote', () => {
    const quote = quoteClaim(signer.key);
    const { qualifiedSigner, extraData, clock, firmwareVersion } = quote;
    const head = { qualifiedSigner, extraData, clock, firmwareVersion };
    const name = signer.key.name;
    for (const claim of [
      { ...head, type: 'certify', name, qualifiedName: name },
      { ...head, type: 'creation', objectName: name, creationHash: nonce },
      { ...head, type: 'nv', indexName: name, offset: 0, contents: nonce },
      { ...head, type: 'time', timeMs: 1n, timeClock: clock, timeFirmwareVersion: 1n },
    ] as const) {
      const { attest, signature } = signedStatement(signer, claim);
      refuses({ evidence: { attest, signature } }, 'TPM_ATTEST_TYPE_WRONG');
    }
  });

  it('attack 22: resettable PCRs as evidence', () => {
    refuses({ selections: [{ bank: 'sha256', pcrs: [16, 23] }] }, 'TPM_PCRS_RESETTABLE_ONLY');
    for (const pcr of [16, 23]) {
      refuses({ selections: [{ bank: 'sha256', pcrs: [...bootPcrs, pcr] }] }, 'QUOTE_PCR_RESETTABLE');
    }
  });

  it('attack 27: a reboot into a bad state that nobody mentions', () => {
    const before = { clock: quoteClaim(signer.key).clock, firmwareVersion: 1n };
    const later = { clockMs: 2000n, resetCount: 4, restartCount: 0, safe: true };
    const evil = honest.map((event) => (event.pcr === 8 ? { ...event, digests: new Map([['sha256', nonce] as const]) } : event)); // prettier-ignore
    const verdict = refuses({ measured: evil, claim: { clock: later }, trust: { previousBoot: before } }, 'KERNEL_COMMAND_LINE_DIVERGED'); // prettier-ignore
    assert.equal(verdict.boot?.epoch, 'rebooted');
    // The old log over the new boot's registers leads nowhere, and the old quote is older than what was accepted.
    refuses({ measured: evil, shown: honest, claim: { clock: later }, trust: { previousBoot: before } }, 'LOG_PCR_MISMATCH'); // prettier-ignore
    refuses({ trust: { previousBoot: { clock: later, firmwareVersion: 1n } } }, 'BOOT_ROLLED_BACK');
  });

  it('attack 28: counters or clock that go back', () => {
    const clock = { clockMs: 5000n, resetCount: 3, restartCount: 2, safe: true };
    const after = (change: Partial<typeof clock>) => ({ claim: { clock }, trust: { previousBoot: { clock: { ...clock, ...change }, firmwareVersion: 1n } } }); // prettier-ignore
    refuses(after({ clockMs: 5001n }), 'BOOT_ROLLED_BACK');
    refuses(after({}), 'BOOT_ROLLED_BACK');
    refuses(after({ restartCount: 3 }), 'BOOT_ROLLED_BACK');
    refuses(after({ resetCount: 4 }), 'BOOT_ROLLED_BACK');
    assert.equal(judge(after({ clockMs: 4999n })).status, 'affirming');
    assert.equal(judge(after({ resetCount: 2 })).status, 'affirming');
  });

  it('attack 44: a time that the host tells', () => {
    const { issuedAt, expiresAt } = judge();
    for (const clockMs of [0n, 2n ** 63n]) {
      const clock = { ...quoteClaim(signer.key).clock, clockMs };
      const told = judge({
        claim: { clock },
        evidence: { bootTime: '2099-01-01T00:00:00Z', at: '2099-01-01' } as object,
      });
      assert.deepEqual([told.status, told.issuedAt, told.expiresAt], ['affirming', issuedAt, expiresAt]);
    }
  });

  it('attack 45: a quote of one moment beside values, logs and lists of another', () => {
    const [good, tampered] = [labEvidence('sb-on'), labEvidence('cfg-tampered')];
    const goldens = labGoldens('sb-on');
    const policy = labPolicy();
    const at = new Date('2026-11-25T12:00:00Z');
    const judgeSpliced = (own: typeof good, run: string) => appraise(own, labTrust(run, goldens), policy, at);
    assert.equal(judgeSpliced(good, 'sb-on').status, 'affirming');
    for (const [spliced, run] of [
      [{ ...tampered, eventLog: good.eventLog }, 'cfg-tampered'],
      [{ ...tampered, pcrs: good.pcrs, eventLog: good.eventLog }, 'cfg-tampered'],
      [{ ...tampered, pcrs: good.pcrs }, 'cfg-tampered'],
      [{ ...good, attest: tampered.attest, signature: tampered.signature }, 'cfg-tampered'],
      [{ ...good, signature: tampered.signature }, 'sb-on'],
      [{ ...good, attest: tampered.attest }, 'sb-on'],
      [{ ...good, eventLog: tampered.eventLog }, 'sb-on'],
      [{ ...good, pcrs: tampered.pcrs }, 'sb-on'],
    ] as const) {
      assert.notEqual(judgeSpliced(spliced, run).status, 'affirming');
    }
  });

  it('attack 50: an attestation key of the NULL hierarchy, or one that a restart clears', () => {
    const handle = encodeUnsigned(hierarchyHandles.null, 4);
    refuses({ claim: { qualifiedSigner: qualifiedNameOf(handle, signer.key.name) } }, 'TPM_ATTEST_SIGNER_TRANSIENT');
    const cleared = encodePublic({ ...signer.area, attributes: signer.area.attributes | attributeBits.stClear });
    assert.throws(() => verifyAttestationKey(cleared), { code: 'TPM_KEY_ATTRIBUTES_REFUSED' });
  });
});
