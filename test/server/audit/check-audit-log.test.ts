import assert from 'node:assert/strict';
import { chainEntry } from '../../../src/server/audit/audit-chain.ts';
import { checkAuditLog } from '../../../src/server/audit/check-audit-log.ts';
import type { AuditRecord } from '../../../src/server/storage/index.ts';

function logOf(count: number): readonly AuditRecord[] {
  const log: AuditRecord[] = [];
  while (log.length < count) {
    const draft = { at: 1_780_000_000_000, actor: 'alice', action: 'host.labelled', subject: 'hv-1', details: {} };
    log.push(chainEntry(draft, log.at(-1)));
  }
  return log;
}

/** More than two pages of the reader. */
const log = logOf(2500);

/** Reads as a store does, by the sequence that an entry says. */
const check = (entries: readonly AuditRecord[], atOnce = Infinity, tell?: (sequence: number) => void) =>
  checkAuditLog(
    {
      listAudit: (after: number, limit: number) =>
        Promise.resolve(entries.filter(({ sequence }) => sequence > after).slice(0, Math.min(limit, atOnce))),
    },
    tell,
  );

describe('the check of the audit log', () => {
  it('finds nothing wrong with a log of any length, and says which entry is the last', async () => {
    for (const length of [0, 1, 999, 1000, 1001, 2000, 2500])
      assert.equal((await check(log.slice(0, length)))?.sequence ?? 0, length);
  });

  it('says how far it came where it goes on, and nothing of a log that is read at once', async () => {
    const told: number[] = [];
    await check(log.slice(0, 1000), Infinity, (sequence) => told.push(sequence));
    assert.equal(told.length, 0);
    await check(log, Infinity, (sequence) => told.push(sequence));
    assert.deepEqual(told, [1000, 2000]);
  });

  it('finds the first entry that was changed, or behind what was taken out, in whichever page', async () => {
    for (const sequence of [1, 2, 1000, 1001, 2000, 2001, 2500]) {
      const message = new RegExp(`^entry ${sequence} does not follow`);
      const broken = { code: 'AUDIT_LOG_BROKEN', message };
      const changed = log.map((entry) => (entry.sequence === sequence ? { ...entry, actor: 'mallory' } : entry));
      await assert.rejects(check(changed), broken, 'changed');
      const without = log.filter((entry) => entry.sequence !== sequence - 1);
      if (sequence > 1) await assert.rejects(check(without), broken, 'taken out');
    }
  });

  it('goes on where a store gives fewer than were asked for: heavy ones', async () => {
    assert.equal((await check(log.slice(0, 100), 3))?.sequence, 100);
    const changed = log.map((entry) => (entry.sequence === 50 ? { ...entry, actor: 'mallory' } : entry));
    await assert.rejects(check(changed, 3), { code: 'AUDIT_LOG_BROKEN', message: /^entry 50 does/ });
  });

  it('finds an entry whose hash is that of a sequence which it does not say', async () => {
    const [first, second] = log;
    assert.ok(first !== undefined && second !== undefined);
    await assert.rejects(check([first, { ...second, sequence: 3 }]), { code: 'AUDIT_LOG_BROKEN' });
  });
});
