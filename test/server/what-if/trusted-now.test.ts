import assert from 'node:assert/strict';
import type { FleetRecord } from '../../../src/server/storage/index.ts';
import { createTrustedNow } from '../../../src/server/what-if/trusted-now.ts';

const now = new Date(1000);
const record = (
  hostId: string,
  trustedUntil: number | undefined,
  more: Partial<FleetRecord['host']> = {},
): FleetRecord =>
  ({
    host: { hostId, dueAt: undefined, quarantines: [], ...more },
    evidence: { trustedUntil },
  }) as unknown as FleetRecord;

describe('who is trusted while a question about the fleet is asked', () => {
  it('is whose last verdict trusts and still holds: how many, until when, and when the last is due', () => {
    const trusted = createTrustedNow(now);
    trusted.note(record('a', 5000, { dueAt: 3000 }));
    trusted.note(record('b', 7000, { dueAt: 2000 }));
    trusted.note(record('ended', 1000));
    trusted.note(record('refused', undefined));
    trusted.note({ ...record('silent', undefined), evidence: undefined });
    assert.deepEqual(trusted.among(['a', 'b', 'ended', 'refused']), { count: 2, until: 7000, dueBy: 3000 });
    assert.deepEqual(trusted.among(['a']), { count: 1, until: 5000, dueBy: 3000 });
    assert.equal(trusted.among(['ended', 'refused', 'silent']), undefined);
  });

  it('is nobody in quarantine, and has no appointment where none was made', () => {
    const trusted = createTrustedNow(now);
    const quarantine = { id: 'q', hosts: { all: true }, createdAt: 0, until: undefined, lifted: undefined };
    trusted.note(record('away', 5000, { quarantines: [quarantine] as unknown as FleetRecord['host']['quarantines'] }));
    trusted.note(record('new', 5000));
    assert.deepEqual(trusted.among(['away', 'new']), { count: 1, until: 5000, dueBy: undefined });
  });
});
