// The attack catalogue: what is done to the list of what ran. One test for each entry; docs/threat-model.md has the table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import type { HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { createGoldenStatements } from '../../../src/core/golden/index.ts';
import { parseImaList, replayImaEntries, verifyImaList } from '../../../src/core/ima/index.ts';
import type { ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import { approve } from '../golden/material.ts';
import { attestedPcrs, withPcr } from '../ima/fixtures.ts';
import { bootPcrs, goldens, honest, judge, refuses, valuesOf, type Attack } from './attacked-host.ts';
import { bootLayers, labLog } from './lab.ts';

const list = new Uint8Array(readFileSync(new URL('../../fixtures/lab/boot/sb-on/ima_binary_runtime_measurements', import.meta.url))); // prettier-ignore
const { entries } = parseImaList(list);

/** The list with the boot aggregate of the attacked host, whose TPM starts as the capture's did. */
const verified = verifyImaList({ list: parseImaList(list), pcrs: attestedPcrs('sb-on') });
const runtime = createGoldenStatements(labLog('sb-on'), { ima: verified }).filter(({ layer }) => layer === 'runtime');

/** PCR 10 as a kernel leaves it that extends this list. */
function holding(bytes: Uint8Array, mode: 'native' | 'padded-sha1' = 'native'): NonNullable<Attack['held']> {
  return (values: ClaimedPcrs) =>
    new Map([...values].map(([bank, all]) => [bank, new Map([...all, [10, replayImaEntries({ entries: parseImaList(bytes).entries, pcr: 10, bank, mode })] as const])])); // prettier-ignore
}

function host(imaLog: Uint8Array, held: NonNullable<Attack['held']> = holding(imaLog)): Attack {
  return {
    held,
    evidence: { imaLog },
    trust: { goldens: [...goldens, ...runtime.map(approve)] },
    policy: { layers: [...bootLayers, 'runtime'] },
  };
}

/** The bytes of one entry. */
function entry(index: number): Uint8Array {
  return list.subarray(entries[index]?.offset ?? list.length, entries[index + 1]?.offset ?? list.length);
}

describe('attack catalogue: what ran', () => {
  it('trusts the honest list that the attacks start from', () => {
    const verdict = judge(host(list));
    assert.equal(verdict.status, 'affirming', verdict.findings.map(({ code }) => code).join(', '));
  });

  it('attack 29: entries left out, put in, changed or moved, violations, and the aggregate of another boot', () => {
    const held = holding(list);
    const all = entries.map((_, index) => entry(index));
    const shown = (bytes: readonly Uint8Array[]) => concatBytes(...bytes);
    for (const place of [0, 1, 5, all.length - 1]) {
      refuses(host(shown(all.filter((_, index) => index !== place)), held), 'IMA_REPLAY_MISMATCH');
    }
    refuses(host(shown([...all.slice(0, 3), entry(5), ...all.slice(3)]), held), 'IMA_REPLAY_MISMATCH');
    refuses(host(shown([...all.slice(0, 3), entry(4), entry(3), ...all.slice(5)]), held), 'IMA_REPLAY_MISMATCH');
    refuses(host(new Uint8Array(), held), 'IMA_LIST_EMPTY');
    // A kernel that never measured the aggregate, or that of another boot: the list replays and says nothing of this boot.
    const headless = shown(all.slice(1));
    refuses(host(headless), 'IMA_BOOT_AGGREGATE_MISMATCH');
    const violation = Uint8Array.from(entry(3));
    violation.fill(0, 4, 24);
    refuses(host(shown([...all.slice(0, 3), violation, ...all.slice(4)])), 'RUNTIME_VIOLATION');
    // What came after the quote is not believed: a longer list proves its shortest prefix.
    const longer = judge(host(shown([...all, violation]), held));
    assert.equal(longer.status, 'affirming');
    assert.ok(longer.findings.some(({ code }) => code === 'RUNTIME_ENTRIES_LATER'));
  });

  it('attack 49: a kernel that extends SHA-1 digests, padded, into the strong bank', () => {
    const verdict = judge(host(list, holding(list, 'padded-sha1')));
    assert.ok(verdict.findings.some(({ code }) => code === 'RUNTIME_SHA1_ONLY'));
    assert.notEqual(verdict.status, 'affirming');
    // Never some entries in one way and the rest in the other.
    const half = entries.slice(0, 4);
    const start = (bank: HashAlgorithm): Uint8Array => replayImaEntries({ entries: half, pcr: 10, bank });
    const mixed = replayImaEntries({ entries: entries.slice(4), pcr: 10, bank: 'sha256', mode: 'padded-sha1', start: start('sha256') }); // prettier-ignore
    const pcrs = withPcr(attestedPcrs('sb-on', ['sha256']), 'sha256', 10, mixed);
    assert.throws(() => verifyImaList({ list: parseImaList(list), pcrs }), { code: 'IMA_REPLAY_MISMATCH' });
  });

  it('starts from the registers of the boot that was captured', () => {
    const values = valuesOf(honest, [{ bank: 'sha256', pcrs: bootPcrs }]).get('sha256');
    assert.deepEqual(values?.get(7), attestedPcrs('sb-on', ['sha256']).banks.get('sha256')?.get(7));
  });
});
