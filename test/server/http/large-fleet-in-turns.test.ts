// Questions that look at much of a large fleet or a long log: others have their turns of the event loop meanwhile, although an embedded
// database answers in the same turn.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { decideAdmissions } from '../../../src/server/admission/decide.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { streamEvents, type EventQuestion } from '../../../src/server/events/stream.ts';
import { admitOperations } from '../../../src/server/http/operations/admit.ts';
import { hostOperations } from '../../../src/server/http/operations/hosts.ts';
import type { AuditRecord } from '../../../src/server/storage/index.ts';
import { previewQuarantine } from '../../../src/server/trust/quarantine-preview.ts';
import { hostOf, recordOf, verdictOf } from '../../support/believed-records.ts';
import { turnsDuring } from '../../support/turns-during.ts';

const busyMs = 3;
/** As the database, a signature or a slow machine: longer than one may work in one turn. */
function work<Value>(value: Value): Value {
  for (const until = performance.now() + busyMs; performance.now() < until;);
  return value;
}

const many = Array.from({ length: 40 }, (_, index) => `hv-${index}`);

describe('others have their turns', () => {
  it('while a long log is read: as a stream of events, whether they are selected or not', async () => {
    const length = 3000;
    const log = Array.from({ length }, (_, index) => {
      return { sequence: index + 1, at: 1, actor: 'host hv', action: 'verdict.changed', subject: 'hv', details: {} };
    }) as Partial<AuditRecord>[] as AuditRecord[];
    const store = { listAudit: (after: number, limit: number) => Promise.resolve(log.slice(after, after + limit)) };
    const read = (kinds: string[]) =>
      turnsDuring(async () => {
        const end = new AbortController();
        const wait = (): Promise<void> => {
          end.abort();
          return Promise.resolve();
        };
        const bell = { rings: 0, wait };
        const events = { bell, places: { take: () => () => undefined }, stopping: end.signal };
        const context = { store, events, config: { serverId: 's' } } as unknown as ServerContext;
        const filter = { kinds, labels: {}, host: undefined, audience: 'operators' } as const;
        const question = { filter, after: 0, format: 'cloudevents', tellsNames: false, signal: end.signal } as const;
        let told = 0;
        for await (const part of streamEvents(context, question satisfies EventQuestion))
          told += part.startsWith('id') ? 1 : 0;
        assert.equal(told, kinds.length === 0 ? length : 0);
      });
    const all = await read([]);
    assert.ok(all > length / 100, `${all} turns`);
    const none = await read(['golden.revoked']);
    assert.ok(none > length / 500, `${none} turns`);
  });

  const standing = { host: hostOf({ labels: {} }), verdict: recordOf(verdictOf('affirming')) };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const config = { serverId: 's', admission: { decisionSeconds: 60, zoneLabel: 'zone', tenantLabel: 'tenant' } };
  const shared = {
    config,
    lockout: { find: () => Promise.resolve(undefined) },
    breakGlass: { find: () => Promise.resolve(undefined) },
    trust: { current: () => Promise.resolve({ revision: 1 }) },
    now: () => new Date(recordOf(verdictOf('affirming')).issuedAt),
  };

  it('while a batch reads hosts that are not remembered, and while its tokens are signed', async () => {
    const slow = { ...shared, reads: { findStanding: () => work(standing) } };
    const row = many.map((hostId) => {
      const demands = {
        minimumStatus: 'affirming',
        maxAgeSeconds: undefined,
        requireVector: {},
        requireLabels: {},
      } as const;
      const place = { zone: undefined, tenant: undefined, confidentialComputing: false, refuseHeld: false };
      return { hostId, workload: undefined, demands: { ...demands, ...place } } as const;
    });
    const read = await turnsDuring(() => decideAdmissions(slow as unknown as ServerContext, [row]));
    assert.ok(read >= many.length, `${read} turns`);
    const signer = { kid: 'k', alg: 'ES256', privateKey };
    const context = {
      ...shared,
      reads: { findStanding: () => standing },
      keys: { signing: { at: () => work(signer) } },
    };
    const body = { requests: [{ hosts: many }], tokens: true };
    const signed = await turnsDuring(async () => {
      const call = { body } as unknown as Parameters<typeof admitOperations.createAdmissionBatch>[0];
      const answer = await admitOperations.createAdmissionBatch(call, context as unknown as ServerContext);
      assert.match(JSON.stringify(answer), /"token":"ey/);
    });
    assert.ok(signed >= many.length, `${signed} turns`);
  });

  it('while the largest page of hosts is read', async () => {
    const rows = Array.from({ length: 1001 }, (_, index) => ({ unreadable: String(index).padStart(4, '0') }));
    const listHosts = ({ after = '', limit }: { after?: string; limit: number }) =>
      Promise.resolve(rows.filter(({ unreadable }) => unreadable > after).slice(0, limit));
    const context = { ...shared, store: { listHosts } } as unknown as ServerContext;
    const turns = await turnsDuring(async () => {
      const call = { query: { limit: 1000 } } as unknown as Parameters<typeof hostOperations.listHosts>[0];
      const answer = await hostOperations.listHosts(call, context);
      assert.match(JSON.stringify(answer), /"0999"\],"next":"0999"/);
    });
    assert.ok(turns >= 9, `${turns} turns`);
  });

  it('and a preview of a quarantine holds no more hosts than are shown', async () => {
    const listed = many.map((hostId) => ({ ...standing, host: hostOf({ labels: {}, hostId }) }));
    const store = { countActiveHosts: () => Promise.resolve(many.length), listHosts: () => Promise.resolve(listed) };
    const context = { ...shared, store } as unknown as ServerContext;
    const steps = previewQuarantine(context, { hosts: { all: true }, lifted: [] }, 3);
    for (;;) {
      const step = await steps.next();
      if (step.done !== true) continue;
      const { selected, trusted, shown } = step.value;
      assert.deepEqual([selected, trusted, shown.map(({ host }) => host.hostId)], [40, 40, many.slice(0, 3)]);
      return;
    }
  });
});
