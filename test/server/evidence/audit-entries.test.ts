// What is read of the audit log and of quarantines for an evidence bundle: how much at once, how much in all, and which entries.
import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import type { RecordedAudit } from '../../../src/core/evidence-bundle/index.ts';
import { createAuditTree } from '../../../src/server/audit/audit-tree.ts';
import { proveEntries } from '../../../src/server/evidence/audit-entries.ts';
import { readHistory } from '../../../src/server/evidence/history.ts';
import type { AuditDraft, Store } from '../../../src/server/storage/index.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { describeStore } from '../storage/describe-store.ts';

type About = Parameters<typeof proveEntries>[1];

const megabyte = 1_000_000;
const ekDigest = new Uint8Array(32).fill(7);
const enrolled = { ek: encodeHex(ekDigest) };

function note(store: Store, draft: Pick<AuditDraft, 'action' | 'subject'> & Partial<AuditDraft>): Promise<void> {
  return store.appendAudit({ at: 1, actor: 'test', details: {}, ...draft });
}

/** A quarantine that the host was in, whose entry is heavy. */
async function setAside(store: Store, host: string, quarantine: string): Promise<void> {
  const hosts = 'x'.repeat(megabyte);
  await note(store, { action: 'quarantine.opened', subject: quarantine, details: { hosts } });
  await note(store, { action: 'host.quarantined', subject: host, details: { quarantine } });
}

async function prove(store: Store, host: string, issuedAt = 1): Promise<RecordedAudit['entries']> {
  const verdict = { issuedAt: new Date(issuedAt).toISOString(), layers: {}, policy: undefined };
  const context = { store, config: { serverId: 'test' }, auditTree: createAuditTree(store), now: () => new Date(0) };
  const size = await store.lastAuditSequence();
  const about = { size, host: { id: host, ekDigest, endorser: undefined }, verdict };
  const proved = await proveEntries(
    context as unknown as Parameters<typeof proveEntries>[0],
    about as unknown as About,
  );
  return proved?.entries ?? [];
}

/** The same store, with what each look at the log gave, in megabytes, and in which turn of the event loop it began. */
function watch(store: Store): { readonly watched: Store; readonly looks: { megabytes: number; turn: number }[] } {
  const looks: { megabytes: number; turn: number }[] = [];
  let turn = 0;
  const count = (): void => {
    turn += 1;
    setImmediate(count).unref();
  };
  count();
  const watched = new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || !/^(?:listAudit(?:Of)?|searchAudit|listQuarantines)$/.test(String(name)))
        return method;
      return async (...values: readonly unknown[]): Promise<unknown> => {
        const began = turn;
        const found: unknown = await Reflect.apply(method, target, values);
        looks.push({ megabytes: Math.floor(JSON.stringify(found).length / megabyte), turn: began });
        return found;
      };
    },
  });
  return { watched, looks };
}

describeStore('the audit log of an evidence bundle', (under) => {
  it('is read some megabytes at once, and not two pieces in one turn', async () => {
    for (let entry = 0; entry < 12; entry += 1) {
      await setAside(under.store, 'hv-pieces', 'q-pieces');
      await setAside(under.store, 'hv-pieces', `q-pieces-${entry}`);
    }
    const { watched, looks } = watch(under.store);
    const entries = await prove(watched, 'hv-pieces');
    assert.equal(entries.length, 48);
    assert.ok(Math.max(...looks.map(({ megabytes }) => megabytes)) <= 6, JSON.stringify(looks));
    assert.equal(new Set(looks.map(({ turn }) => turn)).size, looks.length, JSON.stringify(looks));
  });

  it('is refused where its entries are more than a bundle has room for, and says which', async () => {
    for (let entry = 0; entry < 34; entry += 1) await setAside(under.store, 'hv-heavy', `q-${entry % 2}`);
    await assert.rejects(prove(under.store, 'hv-heavy'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'EVIDENCE_TOO_LARGE');
      assert.match(error.message, /audit log .* more than 32 MiB: reached with entry \d+, about q-\d$/);
      return true;
    });
  });

  it('has of the host what came since its TPM did: the last verdicts, the one in question, and the enrolment', async () => {
    const host = { subject: 'hv-long' };
    await note(under.store, { ...host, action: 'host.enrolled', details: { ek: '00' } });
    await note(under.store, { ...host, action: 'verdict.changed', at: 2 });
    const first = (await under.store.lastAuditSequence()) + 1;
    await note(under.store, { ...host, action: 'host.enrolled', details: enrolled });
    for (let at = 10; at < 130; at += 1) await note(under.store, { ...host, action: 'verdict.changed', at });
    const placesFor = async (issuedAt: number): Promise<readonly number[]> =>
      (await prove(under.store, 'hv-long', issuedAt)).map(({ entry }) => Number(entry['sequence']) - first);
    const lastHundred = Array.from({ length: 100 }, (_, index) => index + 21);
    assert.deepEqual(await placesFor(12), [0, 3, ...lastHundred]);
    assert.deepEqual(await placesFor(500), [0, ...lastHundred]);
    assert.deepEqual(await placesFor(2), [0, ...lastHundred], 'a verdict of the TPM before is none of this one');
  });

  it('is beside quarantines, of which no more than some are read in one turn', async () => {
    for (let index = 0; index < 60; index += 1) {
      const id = `q-${String(index).padStart(2, '0')}`;
      const hosts = { names: index === 50 ? ['hv-other', 'hv-aside'] : ['hv-other'] };
      const ends = { until: undefined, lifted: undefined };
      const quarantine = { id, hosts, reason: 'ticket', createdAt: index, createdBy: 'o', ...ends };
      const change = { revision: undefined, audit: auditDraft('quarantine.opened') };
      await under.store.openQuarantine(quarantine, change);
    }
    const { watched, looks } = watch(under.store);
    const host = { hostId: 'hv-aside', labels: {} };
    const trust = { goldens: [], anchors: [], policies: [] };
    const about = { host, verdict: { issuedAt: new Date(1).toISOString() }, labels: {}, trust };
    const { quarantines } = await readHistory(
      { store: watched } as unknown as Parameters<typeof readHistory>[0],
      about as unknown as Parameters<typeof readHistory>[1],
    );
    assert.deepEqual(
      quarantines.map(({ id, by }) => [id, by]),
      [['q-50', 'o']],
    );
    assert.equal(new Set(looks.map(({ turn }) => turn)).size, 3, JSON.stringify(looks));
  });
});
