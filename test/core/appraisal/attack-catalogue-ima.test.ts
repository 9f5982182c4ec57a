// The attack catalogue: what is done to the list of what ran. One test for each entry; docs/threat-model.md has the table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { hash, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
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

const [expected] = runtime;
assert.ok(expected);

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

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}

/** An entry as a kernel writes it, of fields of a template. */
function kernelEntry(template: string, fields: readonly Uint8Array[]): Uint8Array {
  const data = concatBytes(...fields.flatMap((field) => [u32(field.length), field]));
  const name = encodeUtf8(template);
  return concatBytes(u32(10), hash('sha1', data), u32(name.length), name, u32(data.length), data);
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

  it('attack 30: an entry under another template than the kernel wrote, since no digest covers the name of a template', () => {
    const good = encodeUtf8(`sha256:\0`);
    const approved = concatBytes(good, entries[1]?.digest.value ?? new Uint8Array());
    const evil = [concatBytes(good, new Uint8Array(32).fill(0x66)), encodeUtf8('/tmp/evil\0'), approved];
    const real = kernelEntry('d-ng|n-ng|xattrvalues', evil);
    const held = holding(concatBytes(list, real));
    refuses(host(concatBytes(list, real), held), 'RUNTIME_FILE_REFUSED');
    for (const name of ['d-ng|n-ng|d-ng', 'd-ng|n-ng|d-ngv2', 'n|n-ng|d-ng', 'evmsig|n-ng|d-ng', 'd-ngv2|n-ng|d-ng']) {
      refuses(host(concatBytes(list, kernelEntry(name, evil)), held), 'IMA_TEMPLATE_UNKNOWN');
    }
    // As the template `ima`, whose fields have no lengths that a digest covers, with a name as long as its padding.
    const long = [concatBytes(good, new Uint8Array(32).fill(0x66)), encodeUtf8(`/${'x'.repeat(300)}\0`)];
    const data = kernelEntry('ima-ng', long).subarray(38);
    const legacy = concatBytes(u32(10), hash('sha1', data), u32(3), encodeUtf8('ima'), data.subarray(0, 20), u32(data.length - 20), data.subarray(20)); // prettier-ignore
    refuses(host(concatBytes(list, legacy), holding(concatBytes(list, kernelEntry('ima-ng', long)))), 'IMA_ENTRY_MALFORMED'); // prettier-ignore
    // A path that is excluded, out of bytes that are no path.
    const buffer = [
      concatBytes(good, new Uint8Array(32).fill(0x66)),
      encodeUtf8('kexec-cmdline\0'),
      encodeUtf8('/x/y'),
    ];
    const shown = concatBytes(list, kernelEntry('d-ng|modsig|n-ng', buffer));
    refuses(host(shown, holding(concatBytes(list, kernelEntry('ima-buf', buffer)))), 'IMA_TEMPLATE_UNKNOWN');
  });

  it('attack 31: another policy of IMA, by which less would be measured from then on', () => {
    // The kernel measures the file that it loads (POLICY_CHECK), and an interpreter that it starts; not what that reads.
    for (const path of ['/etc/ima/ima-policy', '/usr/bin/python3']) {
      const fields = [concatBytes(encodeUtf8('sha256:\0'), new Uint8Array(32).fill(0x66)), encodeUtf8(`${path}\0`)];
      refuses(host(concatBytes(list, kernelEntry('ima-ng', fields))), 'RUNTIME_FILE_REFUSED');
    }
    // A kernel that measures nothing but its own boot says so of itself.
    refuses(host(entry(0)), 'RUNTIME_NOT_OBSERVED');
  });

  it('shows nothing good by approved files that are made up as entries of a PCR that no quote binds', () => {
    const [aggregate, approved] = [entry(0), Uint8Array.from(entry(1))];
    const other = kernelEntry('ima-ng', [concatBytes(encodeUtf8('sha256:\0'), new Uint8Array(32).fill(0x66)), encodeUtf8('/var/log/x\0')]); // prettier-ignore
    const { trust, ...rest } = host(concatBytes(aggregate, other));
    const excluding = { ...expected, ima: { digests: expected.ima?.digests ?? [], signers: [], excludedPaths: ['/var/log/'] } }; // prettier-ignore
    const trusted = { ...trust, goldens: [...goldens, approve(excluding)] };
    refuses({ ...rest, trust: trusted }, 'RUNTIME_NOT_OBSERVED');
    approved[0] = 11;
    refuses({ ...host(concatBytes(aggregate, approved, other)), trust: trusted }, 'RUNTIME_NOT_OBSERVED');
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
