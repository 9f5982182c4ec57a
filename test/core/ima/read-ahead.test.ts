// A long list, read in pieces before it is verified: what is then said of it is what would have been said anyway.
import assert from 'node:assert/strict';
import type { HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { parseImaList, readImaAhead, replayImaEntries, verifyImaList } from '../../../src/core/ima/index.ts';
import { attestedPcrs, readBoot, withPcr } from './fixtures.ts';

const short = readBoot('ima-evil', 'ima_binary_runtime_measurements');
const first = parseImaList(short).entries[1]?.offset ?? assert.fail('one entry alone');
/** Some thousand entries, in which a boot of the lab goes on and on. */
const long = concatBytes(short, ...new Array<Uint8Array>(200).fill(short.subarray(first)));
const { entries } = parseImaList(long);
const offsetOf = (index: number) => entries[index]?.offset ?? long.length;

/** As they were after so many entries. */
function pcrsAfter(count: number, mode: 'native' | 'padded-sha1' = 'native', bank: HashAlgorithm = 'sha256') {
  const value = replayImaEntries({ entries: entries.slice(0, count), pcr: 10, bank, mode });
  return withPcr(attestedPcrs('ima-evil', [bank]), bank, 10, value);
}

const last = pcrsAfter(entries.length);

/** How often others had their turns while it was read. */
async function readAhead(
  bytes: Uint8Array,
  ...reading: Parameters<typeof readImaAhead> extends [unknown, infer R, unknown] ? [R] : never
) {
  let pauses = 0;
  await readImaAhead(bytes, ...reading, () => Promise.resolve(void (pauses += 1)));
  return pauses;
}

describe('readImaAhead', () => {
  it('reads and hashes a long list in pieces, and what is verified then is the same', async () => {
    assert.ok(entries.length > 2000);
    const expected = verifyImaList({ list: parseImaList(long), pcrs: last });
    const bytes = long.slice();
    const pauses = await readAhead(bytes, { pcrs: last.banks });
    const pieces = Math.floor(entries.length / 500);
    assert.equal(pauses, 3 * pieces);
    const list = parseImaList(bytes);
    assert.deepEqual(verifyImaList({ list, pcrs: last }), expected);
    // Once: what was read is large.
    assert.notEqual(parseImaList(bytes), list);
    assert.deepEqual(parseImaList(bytes), list);
  });

  it('says nothing of PCR values that were not claimed, which are looked for as ever', async () => {
    const bytes = long.slice();
    await readAhead(bytes, { pcrs: last.banks });
    const list = parseImaList(bytes);
    const half = verifyImaList({ list, pcrs: pcrsAfter(1234) });
    assert.deepEqual([half.entries.length, half.mode], [1234, 'native']);
    const padded = verifyImaList({ list, pcrs: pcrsAfter(1235, 'padded-sha1') });
    assert.deepEqual([padded.entries.length, padded.mode], [1235, 'padded-sha1']);
    assert.equal(verifyImaList({ list, pcrs: last }).entries.length, entries.length);
    // Found in another bank too; its quote has no aggregate that the list could be of.
    const other = pcrsAfter(900, 'padded-sha1', 'sha384');
    assert.throws(() => verifyImaList({ list, pcrs: other }), { code: 'IMA_BOOT_AGGREGATE_MISMATCH' });
  });

  it('goes on from a checkpoint, and leaves what begins elsewhere to be read', async () => {
    const bytes = long.slice();
    const { checkpoint } = verifyImaList({ list: parseImaList(long), pcrs: pcrsAfter(1000) });
    const expected = verifyImaList({ list: parseImaList(long, checkpoint), pcrs: last, checkpoint });
    await readAhead(bytes, { pcrs: last.banks, checkpoint });
    const list = parseImaList(bytes, checkpoint);
    assert.equal(list.entries.length, entries.length - 1000);
    assert.deepEqual(verifyImaList({ list, pcrs: last, checkpoint }), expected);
    // The same values, found from boot on: not what was found from the checkpoint on.
    const whole = parseImaList(long);
    assert.equal(verifyImaList({ list: whole, pcrs: last }).entries.length, entries.length);
    await readAhead(bytes, { pcrs: last.banks, checkpoint });
    assert.equal(parseImaList(bytes).entries.length, entries.length);
    const unlike = {
      ...checkpoint,
      banks: new Map([['sha384', { value: new Uint8Array(48), mode: 'native' }]] as const),
    };
    await readAhead(bytes, { pcrs: last.banks, checkpoint: unlike });
    const refusal = { code: 'IMA_REPLAY_MISMATCH', message: /bank sha256 was not part/ };
    assert.throws(() => verifyImaList({ list: parseImaList(bytes, unlike), pcrs: last, checkpoint: unlike }), refusal);
  });

  it('throws nothing, and what is wrong is told by whoever verifies, soon', async () => {
    const cases = [
      ['IMA_LIST_TRUNCATED', (bytes: Uint8Array) => bytes.subarray(0, offsetOf(2000) + 40)],
      ['IMA_LIST_TRAILING', (bytes: Uint8Array) => bytes.subarray(0, offsetOf(2000) + 20)],
      ['IMA_TEMPLATE_DIGEST_MISMATCH', (bytes: Uint8Array) => bytes.fill(1, offsetOf(2000) + 4, offsetOf(2000) + 24)],
      ['IMA_REPLAY_MISMATCH', (bytes: Uint8Array) => bytes.subarray(0, offsetOf(2000))],
    ] as const;
    for (const [code, make] of cases) {
      const bytes = make(long.slice());
      let expected: unknown;
      const verify = () => verifyImaList({ list: parseImaList(bytes), pcrs: last });
      assert.throws(verify, (error) => ((expected = error), (error as { code: string }).code === code));
      assert.ok((await readAhead(bytes, { pcrs: last.banks })) >= 4, code);
      assert.throws(verify, expected as Error);
    }
  });
});
