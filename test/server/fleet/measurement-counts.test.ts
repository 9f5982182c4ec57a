import assert from 'node:assert/strict';
import { createMeasurementCounts } from '../../../src/server/fleet/measurement-counts.ts';
import type { Measurement } from '../../../src/server/fleet/measurements.ts';

const measured = (...keys: string[]): Measurement[] =>
  keys.map((key) => ({ key, pcr: 4, bank: 'sha256', digest: key, event: undefined }));

describe('how many hosts have a measurement', () => {
  it('is counted once for each host, whether hosts share a boot or not', () => {
    const counts = createMeasurementCounts();
    const shared = counts.number(measured('a', 'b'));
    const own = counts.number(measured('b', 'c'));
    assert.ok(shared !== undefined && own !== undefined);
    for (const boot of [shared, shared, own]) counts.count(boot);
    assert.deepEqual(['a', 'b', 'c', 'd'].map((key) => counts.seenOn(key)), [2, 3, 1, 0]); // prettier-ignore
    assert.deepEqual([counts.leastOf(shared), counts.leastOf(own)], [2, 1]);
  });

  it('is not asked of hosts that measure too much, nor beyond what the memory holds', () => {
    const counts = createMeasurementCounts({ maximumOfHost: 2, maximumOfFleet: 3 });
    assert.equal(counts.number(measured('a', 'b', 'c')), undefined);
    assert.ok(counts.number(measured('a', 'b')));
    assert.equal(counts.number(measured('c', 'd')), undefined);
    assert.ok(counts.number(measured('b', 'c')), 'what was refused took no room');
  });

  it('is nought for a host that measured nothing: it stands out by nothing', () => {
    const counts = createMeasurementCounts();
    assert.equal(counts.leastOf(counts.number([]) ?? Uint32Array.of(1)), Infinity);
  });
});
