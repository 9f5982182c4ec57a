import assert from 'node:assert/strict';
import { concatBytes, encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import {
  parseImaList,
  replayImaEntries,
  verifyImaList,
  type ImaEntry,
  type ImaList,
} from '../../../src/core/ima/index.ts';
import { attestedPcrs, readBoot, withPcr } from './fixtures.ts';

const bytes = readBoot('ima-evil', 'ima_binary_runtime_measurements');
const list = parseImaList(bytes);
const pcrs = attestedPcrs('ima-evil');

/** The attested state as it was after the first `count` entries. */
function pcrsAfter(count: number): typeof pcrs {
  const value = replayImaEntries({ entries: list.entries.slice(0, count), pcr: 10, bank: 'sha256' });
  return withPcr(attestedPcrs('ima-evil', ['sha256']), 'sha256', 10, value);
}

/** PCR 10 of bank sha256 after the first `count` entries, none of them a violation, in padded SHA-1 digests. */
function paddedUntil({ entries }: ImaList, count: number): Uint8Array {
  return replayImaEntries({ entries: entries.slice(0, count), pcr: 10, bank: 'sha256', mode: 'padded-sha1' });
}

describe('verifyImaList', () => {
  it('accepts the list of a real boot, and says in which mode the banks agree', () => {
    const verified = verifyImaList({ list, pcrs });
    assert.equal(verified.entries.length, list.entries.length);
    assert.equal(verified.unverifiedEntries, 0);
    assert.equal(verified.checkpoint.banks.get('sha256')?.mode, 'native');
    assert.equal(verified.checkpoint.banks.get('sha384')?.mode, 'padded-sha1');
  });

  it('rejects when there is nothing to verify', () => {
    assert.throws(() => verifyImaList({ list: parseImaList(new Uint8Array()), pcrs }), { code: 'IMA_LIST_EMPTY' });
    const without = withPcr(attestedPcrs('ima-evil', ['sha256']), 'sha256', 10, undefined);
    assert.throws(() => verifyImaList({ list, pcrs: without }), { code: 'IMA_PCR_NOT_ATTESTED' });
  });

  it('1. rejects a list whose digest column was kept while the data was changed', () => {
    const changed = bytes.slice();
    const path = list.entries[1]?.offset ?? 0;
    const at = path + 4 + 20 + 4 + 7 + 4 + 4 + 10;
    changed[at] = (changed[at] ?? 0) ^ 1;
    const refusal = { code: 'IMA_TEMPLATE_DIGEST_MISMATCH', at: path };
    assert.throws(() => verifyImaList({ list: parseImaList(changed), pcrs }), refusal);
  });

  it('2. finds the smallest prefix and reports what came after the quote', () => {
    const verified = verifyImaList({ list, pcrs: pcrsAfter(3) });
    assert.equal(verified.entries.length, 3);
    assert.equal(verified.unverifiedEntries, list.entries.length - 3);
    assert.equal(verified.checkpoint.offset, list.entries[3]?.offset);
  });

  it('2. accepts a list with violations as kernels before 5.8 extended them: 20 bytes of ones, padded with zeros', () => {
    const found = parseImaList(readBoot('ima-violation', 'ima_binary_runtime_measurements'));
    assert.ok(found.entries.some(({ violation }) => violation));
    let value: Uint8Array = new Uint8Array(32);
    for (const { violation, templateDigest } of found.entries) {
      const extension = violation ? new Uint8Array(20).fill(0xff) : templateDigest;
      value = hash('sha256', value, extension, new Uint8Array(12));
    }
    const quoted = withPcr(attestedPcrs('ima-violation', ['sha256']), 'sha256', 10, value);
    const { mode, entries, checkpoint } = verifyImaList({ list: found, pcrs: quoted });
    assert.deepEqual([mode, entries.length], ['padded-sha1', found.entries.length]);
    const before = found.entries.findIndex(({ violation }) => violation);
    const known = { ...checkpoint, banks: new Map([['sha256' as const, { mode, value: paddedUntil(found, before) }]]) };
    const rest = { ...found, entries: found.entries.slice(before) };
    const later = verifyImaList({ list: rest, pcrs: quoted, checkpoint: { ...known, entries: before } });
    assert.equal(later.entries.length, found.entries.length - before, 'from a checkpoint before the first violation');
  });

  it('2. rejects a list with an entry left out', () => {
    const second = list.entries[1];
    const third = list.entries[2];
    assert.ok(second && third);
    const without = concatBytes(bytes.subarray(0, second.offset), bytes.subarray(third.offset));
    assert.throws(() => verifyImaList({ list: parseImaList(without), pcrs }), { code: 'IMA_REPLAY_MISMATCH' });
  });

  it('2. rejects a list whose banks were quoted after different entries', () => {
    const value = replayImaEntries({ entries: list.entries.slice(0, 4), pcr: 10, bank: 'sha1' });
    const sha1 = attestedPcrs('ima-evil', ['sha1']);
    const both = {
      ...pcrsAfter(3),
      banks: new Map([...withPcr(sha1, 'sha1', 10, value).banks, ...pcrsAfter(3).banks]),
    };
    assert.throws(() => verifyImaList({ list, pcrs: both }), { code: 'IMA_REPLAY_MISMATCH' });
  });

  it('3. accepts a boot_aggregate over PCR 0 to 7, as kernels before 5.8 have it, and over no other registers', () => {
    const [first] = list.entries;
    assert.ok(first);
    const quoted = attestedPcrs('ima-evil', ['sha256']);
    const values = quoted.banks.get('sha256');
    const over = (count: number) => {
      const registers = Array.from({ length: count }, (_, pcr) => values?.get(pcr) ?? assert.fail(`no PCR ${pcr}`));
      const digest = { ...first.digest, algorithm: 'sha256', value: hash('sha256', concatBytes(...registers)) };
      const entries = [{ ...first, digest }];
      const value = replayImaEntries({ entries, pcr: 10, bank: 'sha256' });
      return () => verifyImaList({ list: { ...list, entries }, pcrs: withPcr(quoted, 'sha256', 10, value) });
    };
    for (const count of [8, 10]) assert.equal(over(count)().entries.length, 1);
    for (const count of [7, 9]) assert.throws(over(count), { code: 'IMA_BOOT_AGGREGATE_MISMATCH', at: 0 });
  });

  it('3. rejects a boot_aggregate over no PCR at all, and one that was never measured', () => {
    const [first] = list.entries;
    assert.ok(first);
    const replayed = (entry: ImaEntry) => {
      const value = replayImaEntries({ entries: [entry], pcr: 10, bank: 'sha256' });
      return { list: { ...list, entries: [entry] }, value };
    };
    const refusal = { code: 'IMA_BOOT_AGGREGATE_MISMATCH' };
    const empty = replayed({ ...first, digest: { ...first.digest, value: hash('sha256', new Uint8Array()) } });
    const alone = { ...pcrs, banks: new Map([['sha256', new Map([[10, empty.value]])]]) } as typeof pcrs;
    assert.throws(() => verifyImaList({ list: empty.list, pcrs: alone }), refusal);
    const quoted = attestedPcrs('ima-evil', ['sha256']);
    for (const change of [{ violation: true }, { path: '/bin/boot_aggregate' }]) {
      const { list: changed, value } = replayed({ ...first, ...change });
      assert.throws(() => verifyImaList({ list: changed, pcrs: withPcr(quoted, 'sha256', 10, value) }), refusal);
    }
  });

  it('3. rejects a list of another boot by its boot_aggregate', () => {
    const other = withPcr(attestedPcrs('ima-evil', ['sha256']), 'sha256', 4, new Uint8Array(32).fill(1));
    assert.throws(() => verifyImaList({ list, pcrs: other }), { code: 'IMA_BOOT_AGGREGATE_MISMATCH' });
  });

  it('goes on from a checkpoint to where it comes from boot, and refuses a continuation that does not fit', () => {
    const { checkpoint } = verifyImaList({ list, pcrs: pcrsAfter(3) });
    const all = verifyImaList({ list, pcrs: attestedPcrs('ima-evil', ['sha256']) });
    const rest = parseImaList(bytes, checkpoint);
    const verified = verifyImaList({ list: rest, pcrs: attestedPcrs('ima-evil', ['sha256']), checkpoint });
    assert.deepEqual(verified.entries, all.entries.slice(3));
    assert.deepEqual(verified.checkpoint, all.checkpoint);
    assert.equal(verified.checkpoint.entries, list.entries.length);
    assert.equal(verified.checkpoint.offset, bytes.length);
    const wrong = parseImaList(bytes, { offset: list.entries[4]?.offset ?? 0, entries: 4 });
    assert.throws(() => verifyImaList({ list: wrong, pcrs: attestedPcrs('ima-evil', ['sha256']), checkpoint }), {
      code: 'IMA_REPLAY_MISMATCH',
    });
    for (const later of [bytes, bytes.subarray(0, checkpoint.offset)]) {
      const nothingNew = verifyImaList({ list: parseImaList(later, checkpoint), pcrs: pcrsAfter(3), checkpoint });
      assert.deepEqual([nothingNew.entries.length, nothingNew.checkpoint], [0, checkpoint]);
    }
    assert.throws(() => parseImaList(bytes.subarray(0, checkpoint.offset - 1), checkpoint), {
      code: 'IMA_LIST_TRUNCATED',
    });
  });

  it('holds the boot aggregate against each quote, from a checkpoint too', () => {
    const quoted = pcrsAfter(3);
    const { checkpoint } = verifyImaList({ list, pcrs: quoted });
    const other = withPcr(quoted, 'sha256', 7, new Uint8Array(32));
    assert.throws(() => verifyImaList({ list: parseImaList(bytes, checkpoint), pcrs: other, checkpoint }), {
      code: 'IMA_BOOT_AGGREGATE_MISMATCH',
    });
  });

  it('refuses bytes after the last entry', () => {
    const padded = parseImaList(concatBytes(bytes, new Uint8Array(3)));
    assert.throws(() => verifyImaList({ list: padded, pcrs }), { code: 'IMA_LIST_TRAILING' });
  });

  it('reports violations', () => {
    const violated = parseImaList(readBoot('ima-violation', 'ima_binary_runtime_measurements'));
    assert.equal(verifyImaList({ list: violated, pcrs: attestedPcrs('ima-violation') }).violations.length, 1);
  });

  it('rejects any single byte changed in the list', () => {
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = bytes.slice();
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      assert.throws(
        () => verifyImaList({ list: parseImaList(changed), pcrs }),
        AttestationError,
        encodeHex(changed.subarray(index, index + 1)),
      );
    }
  });
});
