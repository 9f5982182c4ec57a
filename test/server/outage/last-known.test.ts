// What is remembered of hosts and tokens, and for how long it counts.
import assert from 'node:assert/strict';
import { followAudit } from '../../../src/server/outage/follow-audit.ts';
import { createLastKnown, type LastKnown } from '../../../src/server/outage/last-known.ts';
import type { Standing } from '../../../src/server/storage/index.ts';
import type { AuditRecord, TokenRecord } from '../../../src/server/storage/index.ts';

const boundMs = 30_000;
const standing = (hostId: string): Standing => ({ host: { hostId } as Standing['host'], verdict: undefined });

describe('what is remembered for the time that the database is away', () => {
  let wall: number;
  let steady: number;
  let memory: LastKnown;
  let log: { action: string; subject: string }[];
  beforeEach(() => {
    [wall, steady, log] = [1_000_000, 0, []];
    memory = createLastKnown({ capacity: 3, boundMs, now: () => new Date(wall), steady: () => steady });
  });
  const pass = (ms: number): void => {
    wall += ms;
    steady += ms;
  };
  const store = {
    lastAuditSequence: () => Promise.resolve(log.length),
    listAudit: (after: number, limit: number) =>
      Promise.resolve(log.slice(after, after + limit) as unknown as AuditRecord[]),
  };
  const follow = (): Promise<void> => followAudit(store, memory);
  const read = (hostId: string): void => memory.hosts.keep(hostId, standing(hostId), memory.begin());

  it('counts from when it was read, and ends at the bound', () => {
    read('hv-1');
    pass(boundMs - 1);
    const { remembered } = memory.hosts.recall('hv-1')!;
    assert.equal(remembered.asOf.getTime(), 1_000_000);
    assert.equal(remembered.until.getTime(), 1_000_000 + boundMs);
    pass(1);
    assert.equal(memory.hosts.recall('hv-1'), undefined);
  });

  it('counts from when the audit log last said that nothing had happened', async () => {
    await follow();
    read('hv-1');
    pass(600_000);
    await follow();
    pass(boundMs - 1);
    assert.equal(memory.hosts.recall('hv-1')?.remembered.asOf.getTime(), 1_600_000);
    assert.equal(memory.horizon()?.until.getTime(), 1_600_000 + boundMs);
    pass(1);
    assert.deepEqual([memory.hosts.recall('hv-1'), memory.horizon()], [undefined, undefined]);
  });

  it('ends when either clock says so: one can be set back, the other stands still in a machine that sleeps', () => {
    read('hv-1');
    wall += boundMs;
    assert.equal(memory.hosts.recall('hv-1'), undefined);
    wall -= 2 * boundMs;
    steady += boundMs - 1;
    assert.notEqual(memory.hosts.recall('hv-1'), undefined);
    steady += 1;
    assert.equal(memory.hosts.recall('hv-1'), undefined);
  });

  it('loses a host that something happened to, and keeps the others', async () => {
    await follow();
    ['hv-1', 'hv-2'].forEach(read);
    log.push({ action: 'verdict.voided', subject: 'hv-1' });
    await follow();
    assert.equal(memory.hosts.recall('hv-1'), undefined);
    assert.notEqual(memory.hosts.recall('hv-2'), undefined);
  });

  it('loses a token that was revoked', async () => {
    await follow();
    for (const id of ['t1', 't2']) memory.tokens.keep(id, { id } as TokenRecord, memory.begin());
    log.push({ action: 'token.revoked', subject: 't1' });
    await follow();
    assert.equal(memory.tokens.recall('t1'), undefined);
    assert.notEqual(memory.tokens.recall('t2'), undefined);
  });

  for (const action of ['deny-list.imported', 'policy.written', 'trust-anchor.withdrawn', 'something.new']) {
    it(`loses everything after ${action}: nobody can say whom it concerns`, async () => {
      await follow();
      read('hv-1');
      log.push({ action, subject: 'x' });
      await follow();
      assert.equal(memory.hosts.recall('hv-1'), undefined);
    });
  }

  it('keeps whom a golden measurement does not concern: a revocation has an entry for each verdict that it ends', async () => {
    await follow();
    ['hv-1', 'hv-2'].forEach(read);
    log.push({ action: 'golden.activated', subject: 'x' }, { action: 'golden.revoked', subject: 'x' });
    log.push({ action: 'verdict.voided', subject: 'hv-1' });
    await follow();
    assert.equal(memory.hosts.recall('hv-1'), undefined);
    assert.notEqual(memory.hosts.recall('hv-2'), undefined);
  });

  it('loses everything where more happened than is read at once, or the log is shorter than it was', async () => {
    await follow();
    read('hv-1');
    log.push(...Array.from({ length: 201 }, () => ({ action: 'verdict.changed', subject: 'hv-9' })));
    await follow();
    assert.equal(memory.hosts.recall('hv-1'), undefined);
    read('hv-1');
    log.length = 5;
    await follow();
    assert.equal(memory.hosts.recall('hv-1'), undefined);
  });

  it('loses everything where what happened is too heavy to be read at once', async () => {
    await follow();
    read('hv-1');
    log.push({ action: 'quarantine.opened', subject: 'q' }, { action: 'host.quarantined', subject: 'hv-1' });
    const heavy: typeof store = { ...store, listAudit: (after) => store.listAudit(after, 1) };
    await followAudit(heavy, memory);
    assert.equal(memory.hosts.recall('hv-1'), undefined);
  });

  it('keeps no answer to a question that was asked before something happened', async () => {
    await follow();
    const reading = memory.begin();
    log.push({ action: 'host.quarantined', subject: 'hv-1' });
    await follow();
    memory.hosts.keep('hv-1', standing('hv-1'), reading);
    assert.equal(memory.hosts.recall('hv-1'), undefined);
  });

  it('keeps nothing that is not there any more, and no more hosts than it may', () => {
    read('hv-1');
    memory.hosts.keep('hv-1', undefined, memory.begin());
    assert.equal(memory.hosts.recall('hv-1'), undefined);
    ['a', 'b', 'c', 'd'].forEach(read);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((id) => memory.hosts.recall(id) !== undefined),
      [false, true, true, true],
    );
  });
});
