import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeBreakGlass, excusable, parseBreakGlass } from '../../../src/core/break-glass/index.ts';
import { findings } from '../../../src/core/appraisal/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { statement } from './material.ts';

interface Wire {
  [name: string]: unknown;
  hosts: { [name: string]: unknown }[];
}

/** The JSON of a good statement, with one change. */
function altered(change: (wire: Wire) => void): Uint8Array {
  const wire = JSON.parse(decodeUtf8(encodeBreakGlass(statement))) as Wire;
  change(wire);
  return encodeUtf8(JSON.stringify(wire));
}

function refuses(change: (wire: Wire) => void, at: string): void {
  assert.throws(() => parseBreakGlass(altered(change)), { code: 'BREAK_GLASS_INVALID', at });
}

describe('break-glass statement', () => {
  it('reads what it writes', () => {
    assert.deepEqual(parseBreakGlass(encodeBreakGlass(statement)), statement);
  });

  it('refuses a field that is missing, unknown, of another type or out of bounds, by its path', () => {
    for (const name of ['_type', 'issuedAt', 'until', 'status', 'reason', 'ticket', 'excuses', 'hosts']) {
      refuses((wire) => Reflect.deleteProperty(wire, name), name);
    }
    for (const name of ['id', 'ek', 'resetCount', 'restartCount', 'eventLog']) {
      refuses((wire) => Reflect.deleteProperty(wire.hosts[0]!, name), `hosts[0].${name}`);
    }
    refuses((wire) => (wire['labels'] = {}), '');
    refuses((wire) => (wire.hosts[0]!['labels'] = {}), 'hosts[0]');
    refuses((wire) => (wire['_type'] = 'https://touchstone.dev/deny-list/v1'), '_type');
    refuses((wire) => (wire['status'] = 'none'), 'status');
    refuses((wire) => (wire['reason'] = ''), 'reason');
    refuses((wire) => (wire['ticket'] = 'x'.repeat(257)), 'ticket');
    refuses((wire) => (wire.hosts[0]!['id'] = '*'), 'hosts[0].id');
    refuses((wire) => (wire.hosts[0]!['resetCount'] = 2 ** 32), 'hosts[0].resetCount');
    refuses((wire) => (wire.hosts[0]!['eventLog'] = 'CD'.repeat(32)), 'hosts[0].eventLog');
  });

  it('refuses a time that is none, goes back, or is longer than a week', () => {
    refuses((wire) => (wire['until'] = wire['issuedAt']), 'until');
    refuses((wire) => (wire['until'] = '2026-11-25T11:00:00Z'), 'until');
    refuses((wire) => (wire['until'] = '2026-12-02T12:00:01Z'), 'until');
    assert.ok(parseBreakGlass(altered((wire) => (wire['until'] = '2026-12-02T12:00:00Z'))));
  });

  it('rejects when there is nothing to excuse or nobody to admit, and what stands there twice', () => {
    refuses((wire) => (wire['excuses'] = []), 'excuses');
    refuses((wire) => (wire['hosts'] = []), 'hosts');
    refuses((wire) => (wire['excuses'] = ['KERNEL_DIVERGED', 'KERNEL_DIVERGED']), 'excuses');
    refuses((wire) => wire.hosts.push(wire.hosts[0]!), 'hosts');
  });

  it('excuses that a proved boot matches no golden measurement, and no other finding there is', () => {
    const known = Object.keys(findings);
    assert.deepEqual(
      excusable.filter((code) => !known.includes(code)),
      [],
    );
    for (const code of known.filter((each) => !excusable.some((one) => one === each))) {
      refuses((wire) => (wire['excuses'] = [code]), 'excuses[0]');
    }
    for (const code of ['APPRAISAL_QUOTE_SIGNATURE', 'no such code', 'constructor']) {
      refuses((wire) => (wire['excuses'] = [code]), 'excuses[0]');
    }
  });

  it('refuses every truncation, every trailing byte, and is surprised by nothing', () => {
    const bytes = encodeBreakGlass(statement);
    assertRefusesEveryTruncation(bytes, parseBreakGlass);
    assert.throws(() => parseBreakGlass(new Uint8Array([...bytes, 0x20, 0x7b])));
    const long = new Uint8Array(512 * 1024 + 1);
    assert.throws(() => parseBreakGlass(long), { code: 'BREAK_GLASS_INVALID', message: /too long/ });
    assertNeverSurprised(parseBreakGlass, bytes);
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.throws(() => parseBreakGlass(encodeUtf8(text)));
      }),
    );
  });
});
