import assert from 'node:assert/strict';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { parseEventLog } from '../../../src/core/event-log/index.ts';
import { parseImaList } from '../../../src/core/ima/index.ts';
import { parseAttest } from '../../../src/core/tpm/index.ts';
import { needsImaList, searchPcrs } from '../../../src/cli/inputs/pcr-search.ts';
import { attestedPcrs, readBoot } from '../../core/ima/fixtures.ts';

const log = parseEventLog(readBoot('sb-on', 'binary_bios_measurements'));
const imaList = parseImaList(readBoot('sb-on', 'ima_binary_runtime_measurements'));
const quote = parseAttest(readBoot('sb-on', 'quote/quote_ecc.msg'));
assert.ok(quote.type === 'quote');
const question = {
  selections: quote.selections,
  digest: quote.pcrDigest,
  digestAlg: 'sha256',
  log,
  userspace: undefined,
} as const;

describe('searchPcrs', () => {
  it('finds the values of a real quote from the boot log and the IMA list', () => {
    const found = searchPcrs({ ...question, imaList });
    assert.deepEqual(found?.get('sha256')?.get(10), attestedPcrs('sb-on').banks.get('sha256')?.get(10));
  });

  it('finds them when the list is longer than what was quoted', () => {
    const extra = parseImaList(readBoot('ima-evil', 'ima_binary_runtime_measurements')).entries.slice(1);
    const longer = { ...imaList, entries: [...imaList.entries, ...extra] };
    assert.ok(searchPcrs({ ...question, imaList: longer }));
  });

  it('finds nothing without the list, and says that it is needed', () => {
    assert.equal(searchPcrs({ ...question, imaList: undefined }), undefined);
    assert.equal(needsImaList(quote.selections, log), true);
  });

  it('finds nothing for the log of another boot', () => {
    const other = parseEventLog(readBoot('cfg-tampered', 'binary_bios_measurements'));
    assert.equal(searchPcrs({ ...question, log: other, imaList }), undefined);
  });

  it('finds nothing for another digest', () => {
    assert.equal(searchPcrs({ ...question, imaList, digest: decodeHex('00'.repeat(32)) }), undefined);
  });
});
