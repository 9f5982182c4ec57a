import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeDenyList, parseDenyList } from '../../../src/core/deny/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { denyEntry, denyList, everyKind, fullList } from './material.ts';

interface Wire {
  [name: string]: unknown;
  entries: { [name: string]: unknown }[];
}

/** The JSON of a good list, with one change. */
function altered(change: (list: Wire) => void): Uint8Array {
  const list = JSON.parse(decodeUtf8(encodeDenyList(fullList))) as Wire;
  change(list);
  return encodeUtf8(JSON.stringify(list));
}

function refuses(change: (list: Wire) => void, at: string | undefined): void {
  assert.throws(() => parseDenyList(altered(change)), { code: 'DENY_LIST_INVALID', at });
}

const denies = (value: unknown) => (list: Wire) => {
  list.entries[0]!['denies'] = value;
};

describe('deny list', () => {
  it('reads what it writes: every kind, every optional field, and none', () => {
    assert.deepEqual(parseDenyList(encodeDenyList(fullList)), fullList);
    const bare = denyList(everyKind.map((kind, index) => denyEntry(kind, { id: `b-${index}`, cves: [] })));
    assert.deepEqual(parseDenyList(encodeDenyList(bare)), bare);
    assert.deepEqual(
      parseDenyList(encodeDenyList(denyList([]))).entries,
      [],
      'who takes everything back signs that too',
    );
  });

  it('refuses a field that is missing, unknown, of another type or out of bounds, by its path', () => {
    for (const name of ['_type', 'name', 'version', 'issuedAt', 'entries']) {
      refuses((list) => Reflect.deleteProperty(list, name), name);
    }
    refuses((list) => (list['remove'] = true), '');
    refuses((list) => (list['version'] = 0), 'version');
    refuses((list) => (list['version'] = 1.5), 'version');
    refuses((list) => (list['name'] = 'Fleet/../x'), 'name');
    refuses((list) => (list['nextIssue'] = list['issuedAt']), 'nextIssue');
    refuses((list) => (list.entries[0]!['cves'] = ['cve-1']), 'entries[0].cves[0]');
    refuses((list) => (list.entries[0]!['reason'] = ''), 'entries[0].reason');
    refuses((list) => (list.entries[0]!['until'] = 'tomorrow'), 'entries[0].until');
    refuses((list) => (list.entries[1]!['id'] = list.entries[0]!['id']), 'entries');
  });

  it('takes every register and every generation there can be, and none beside them', () => {
    const digests = { sha256: '00'.repeat(32), sha384: '00'.repeat(48), sha512: '00'.repeat(64) };
    for (const pcr of [0, 23]) parseDenyList(altered(denies({ measurement: { digests, pcr } })));
    for (const pcr of [-1, 24]) refuses(denies({ measurement: { digests, pcr } }), 'entries[0].denies.measurement.pcr');
    for (const below of [1, 999_999_999]) parseDenyList(altered(denies({ sbat: { component: 'shim', below } })));
    refuses(denies({ sbat: { component: 'shim', below: 1_000_000_000 } }), 'entries[0].denies.sbat.below');
    refuses(
      denies({ measurement: { digests: { sha384: '00'.repeat(32) } } }),
      'entries[0].denies.measurement.digests.sha384',
    );
  });

  it('refuses an entry that denies nothing, two things, or what nobody knows', () => {
    refuses(denies({}), 'entries[0].denies');
    refuses(denies({ golden: `sha256:${'0'.repeat(64)}`, certificate: '00'.repeat(32) }), 'entries[0].denies');
    refuses(denies({ kernel: '6.1' }), 'entries[0].denies');
    refuses(denies({ toString: 'x' }), 'entries[0].denies');
    refuses(denies({ measurement: { digests: {} } }), 'entries[0].denies.measurement.digests');
    refuses(denies({ measurement: { digests: { sha1: '00'.repeat(20) } } }), 'entries[0].denies.measurement.digests');
    refuses(
      denies({ measurement: { digests: { sha256: 'AB'.repeat(32) } } }),
      'entries[0].denies.measurement.digests.sha256',
    );
    refuses(denies({ sbat: { component: 'shim', below: 0 } }), 'entries[0].denies.sbat.below');
    refuses(denies({ 'golden-subject': { layer: 'moon', name: 'x' } }), 'entries[0].denies.golden-subject.layer');
  });

  it('refuses more than its bounds', () => {
    const [entry] = fullList.entries;
    const many = denyList(Array.from({ length: 10_001 }, (_, index) => ({ ...entry!, id: `e-${index}` })));
    assert.throws(() => encodeDenyList(many), { code: 'DENY_LIST_INVALID' });
    const most = denyList(many.entries.slice(1).map(({ id, denies: what }) => ({ id, reason: 'x', cves: [], denies: what }))); // prettier-ignore
    assert.equal(parseDenyList(encodeDenyList(most)).entries.length, 10_000);
    assert.throws(() => parseDenyList(new Uint8Array(1536 * 1024 + 1)), { code: 'DENY_LIST_INVALID' });
  });

  it('bears hostile bytes, and ends nowhere else', () => {
    const bytes = encodeDenyList(fullList);
    assertRefusesEveryTruncation(bytes, parseDenyList);
    assertNeverSurprised(parseDenyList, bytes);
    assert.throws(() => parseDenyList(new Uint8Array([...bytes, 0x7b])), { code: 'ENCODING_JSON_INVALID' });
  });

  it('has one spelling for each list', () => {
    const fields = {
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}$/),
      reason: fc.stringMatching(/^[ -[\]-~]{1,40}$/),
      cves: fc.array(fc.stringMatching(/^CVE-\d{4}-\d{4,7}$/), { maxLength: 3 }),
      denies: fc.constantFrom(...everyKind),
    };
    const entry = fc.record(fields, { noNullPrototype: true });
    const entries = fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 5 });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1 }), (some, version) => {
        const list = denyList(some, { version });
        const bytes = encodeDenyList(list);
        assert.deepEqual(parseDenyList(bytes), list);
        assert.deepEqual(encodeDenyList(parseDenyList(bytes)), bytes);
      }),
    );
  });
});
