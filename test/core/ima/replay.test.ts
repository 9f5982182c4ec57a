import assert from 'node:assert/strict';
import { decodeHex, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { parseImaList, parseImaText, replayImaEntries } from '../../../src/core/ima/index.ts';
import { attestedPcrs, readBoot } from './fixtures.ts';

describe('replayImaEntries', () => {
  for (const run of ['sb-on', 'ima-evil', 'ima-violation']) {
    it(`arrives at PCR 10 of the ${run} boot in each bank, sha384 with padded SHA-1 digests`, () => {
      const { entries } = parseImaList(readBoot(run, 'ima_binary_runtime_measurements'));
      const { banks } = attestedPcrs(run);
      for (const [bank, mode] of [
        ['sha1', 'native'],
        ['sha256', 'native'],
        ['sha384', 'padded-sha1'],
      ] as const) {
        const value = replayImaEntries({ entries, pcr: 10, bank, mode });
        assert.equal(encodeHex(value), encodeHex(banks.get(bank)?.get(10) ?? new Uint8Array()), bank);
      }
    });
  }

  it('extends all ones for a violation, whatever the entry says', () => {
    const violation = `10 ${'00'.repeat(20)} ima-ng sha256:${'00'.repeat(32)} /x`;
    const { entries } = parseImaText(encodeUtf8(violation));
    const value = replayImaEntries({ entries, pcr: 10, bank: 'sha256' });
    assert.equal(encodeHex(value), 'bba91ca85dc914b2ec3efb9e16e7267bf9193b14350d20fba8a8b406730ae30a');
  });

  it('pads SHA-1 digests as old kernels do', () => {
    const line = `10 6045794d4b1c44273f029535cfda7525af1c305f ima-ng sha256:${'aa'.repeat(32)} /bin/x`;
    const { entries } = parseImaText(encodeUtf8(line));
    const start = decodeHex('bba91ca85dc914b2ec3efb9e16e7267bf9193b14350d20fba8a8b406730ae30a');
    assert.notDeepEqual(replayImaEntries({ entries, pcr: 10, bank: 'sha256', mode: 'padded-sha1', start }), start);
    assert.equal(
      encodeHex(replayImaEntries({ entries, pcr: 10, bank: 'sha256', mode: 'padded-sha1' })),
      '85a52116a9033c09d0ec6e2450e04d7da5ec5e38d94efbc3c89999355f79d2a6',
    );
  });

  it('leaves entries of another PCR out', () => {
    const { entries } = parseImaList(readBoot('sb-on', 'ima_binary_runtime_measurements'));
    assert.deepEqual(replayImaEntries({ entries, pcr: 11, bank: 'sha256' }), new Uint8Array(32));
  });
});
