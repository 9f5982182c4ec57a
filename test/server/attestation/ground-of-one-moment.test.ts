// What stands in for a refused verdict counts beside the quarantines of the same moment, whatever others commit while it is looked for.
import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64, encodeDsseEnvelope } from '../../../src/core/encoding/index.ts';
import {
  breakGlassPayloadType,
  encodeBreakGlass,
  verifyBreakGlass,
  type BoundHost,
} from '../../../src/core/break-glass/index.ts';
import { viewHostVerdict } from '../../../src/server/attestation/view-verdict.ts';
import { createBreakGlass } from '../../../src/server/break-glass/grants.ts';
import type { ServerConfig } from '../../../src/server/config/config.ts';
import { createHeavyMemory } from '../../../src/server/memory.ts';
import { createTrustCache } from '../../../src/server/golden/trust-cache.ts';
import { createLockout } from '../../../src/server/lockout/lockout.ts';
import { readStored } from '../../../src/server/outage/trust-reads.ts';
import { openStore, type Store } from '../../../src/server/storage/index.ts';
import { createLog } from '../../../src/server/telemetry/log.ts';
import { boundHost, draftBreakGlass } from '../../support/break-glass.ts';
import { openInterruptedReader, openReadingEngine, type ReadingEngine } from '../../support/interrupted-reader.ts';
import { applyPolicy, attest, enrol, paperHost, signStatement, trustedWorld } from '../../support/paper-story.ts';
import type { Operator } from '../../support/paper-story.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const log = createLog('silent');
const lockout = { sharePercent: 50, leastHosts: 2, holdSeconds: 900, windowSeconds: 600 };
const breakGlass = { longestSeconds: 43_200 };

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`a ground over ${kind}`, function () {
    this.timeout(120_000);
    let server: TestServer;
    let writer: Store;
    let engine: ReadingEngine;
    let operators: readonly Operator[];
    let bound: BoundHost;
    let count = 0;

    before(async () => {
      const url = kind === 'sqlite' ? undefined : await createTestDatabase();
      server = await startTestServer({ storage: url, settings: { lockout, breakGlass } });
      const world = await trustedWorld(server);
      operators = world.operators;
      // One host that is refused as a whole fleet may be, and one that no golden measurement ever accepted.
      const changed = paperHost('hv-2', { tampering: ['changed-kernel'] });
      await attest(await enrol(server, changed), changed);
      bound = await boundHost(server, 'hv-2');
      const { items } = await server.operator.call('listGoldenMeasurements', {});
      const { id } = items.find(({ layer, state }) => layer === 'kernel' && state === 'active')!;
      await server.operator.call('retireGoldenMeasurement', { path: { goldenId: id }, body: { reason: 'old' } });
      await applyPolicy(server);
      await attest(world.enrolled, world.host);
      // Its data stay; what is committed from now on, the test commits.
      await server.running.close(0);
      const { dataDirectory } = server;
      const storage = url === undefined ? 'sqlite' : postgresAt(url);
      writer = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 0, rememberedLogs: 0 } });
      engine = openReadingEngine(dataDirectory, url);
    });
    after(async () => {
      await engine.close();
      await writer.close();
      await server.close();
    });

    const at = () => server.now().getTime();
    const draft = (action: string) => ({ ...auditDraft(action), at: at() });

    const setAside = {
      begin: async (): Promise<string> => {
        const id = `qua_${(count += 1)}`;
        const hosts = { names: ['hv-1', 'hv-2'] };
        const record = { id, hosts, reason: 'r', createdAt: at(), createdBy: 'o', until: undefined, lifted: undefined };
        await writer.openQuarantine(record, { revision: undefined, audit: draft('quarantine.opened') });
        return id;
      },
      end: (id: string) => writer.liftQuarantine(id, { reason: 'r', audit: draft('quarantine.lifted') }),
    };

    /** What may stand in for the verdict of a host, and how it begins and ends. */
    const grounds = {
      'a hold': {
        host: 'hv-1',
        begin: async (): Promise<string> => {
          const id = `hld_${(count += 1)}`;
          const record = { id, since: at(), until: at() + 900_000, flipped: 2, fleet: 2 };
          assert.ok(await writer.beginLockout(record, draft('lockout.held')));
          return id;
        },
        end: (id: string) => writer.endLockout(id, draft('lockout.ended')),
      },
      'a break-glass statement': {
        host: 'hv-2',
        begin: async (): Promise<string> => {
          const statement = draftBreakGlass(server, [bound], { ticket: `INC-${(count += 1)}` });
          const payload = encodeBreakGlass(statement);
          const signed = { payloadType: breakGlassPayloadType, payload: encodeBase64(payload) };
          const signatures = operators.map((one) => ({ sig: decodeBase64(signStatement(one, signed)) }));
          const envelope = encodeDsseEnvelope({ payloadType: breakGlassPayloadType, payload, signatures });
          const { id } = verifyBreakGlass(envelope, await approvers());
          const record = { id, envelope, until: statement.until.getTime(), storedAt: at(), storedBy: 'o' };
          assert.ok(await writer.saveBreakGlass(record, { audit: draft('break-glass.begun'), hosts: [] }));
          return id;
        },
        end: (id: string) => writer.endBreakGlass(id, { reason: 'r', audit: draft('break-glass.ended'), hosts: [] }),
      },
    };

    async function approvers(): Promise<Parameters<typeof verifyBreakGlass>[1]> {
      const { signers } = await createTrustCache({ store: writer, quorum: 1, log }).current();
      return { signers, quorum: 1 };
    }

    /** What is said of the host where `changes` are committed before statements of these numbers; and how many were asked. */
    async function ask(hostId: string, changes: ReadonlyMap<number, () => Promise<unknown>>) {
      const { reader, asked } = openInterruptedReader(engine, async (position) => {
        await changes.get(position)?.();
      });
      const config = { lockout, breakGlass, goldenQuorum: 1 } as unknown as ServerConfig;
      const trust = createTrustCache({ store: reader, quorum: 1, log });
      const now = () => server.now();
      const random = () => assert.fail('it only reads');
      const context = {
        ...{ trust, now, reads: readStored(reader) },
        lockout: createLockout({ config, store: reader, now, random, log }),
        breakGlass: createBreakGlass({ config, store: reader, trust, memory: { ended: createHeavyMemory(0) }, log }),
      };
      const { status } = await viewHostVerdict(context, hostId);
      return { isTrusted: status === 'affirming', statements: asked() };
    }

    for (const [name, ground] of Object.entries(grounds)) {
      it(`such as ${name} counts while it is there, and the host is in no quarantine`, async () => {
        const told = async () => (await ask(ground.host, new Map())).isTrusted;
        assert.equal(await told(), false);
        const id = await ground.begin();
        assert.equal(await told(), true);
        const aside = await setAside.begin();
        assert.equal(await told(), false);
        await setAside.end(aside);
        assert.equal(await told(), true);
        await ground.end(id);
        assert.equal(await told(), false);
      });

      it(`such as ${name} never counts beside no quarantine where it began after one`, async () => {
        let { statements } = await ask(ground.host, new Map());
        assert.ok(statements > 5);
        for (let position = 1; position <= statements; position += 1) {
          let [aside, id] = ['', ''];
          const change = async (): Promise<void> => {
            aside = await setAside.begin();
            id = await ground.begin();
          };
          const said = await ask(ground.host, new Map([[position, change]]));
          assert.equal(said.isTrusted, false, `changed before statement ${position} of ${said.statements}`);
          statements = Math.max(statements, said.statements);
          if (id !== '') await ground.end(id);
          if (aside !== '') await setAside.end(aside);
        }
      });

      it(`such as ${name} never counts where it ended before the quarantine did that came before it`, async () => {
        const most = 24;
        for (let position = 2; position <= most; position += 1) {
          for (let later = position + 1; later <= Math.min(most, position + 8); later += 1) {
            let [aside, id] = ['', ''];
            const begin = async (): Promise<void> => {
              aside = await setAside.begin();
              id = await ground.begin();
            };
            const end = async (): Promise<void> => {
              await ground.end(id);
              await setAside.end(aside);
              [aside, id] = ['', ''];
            };
            const changes = new Map([
              [position, begin],
              [later, end],
            ]);
            const { isTrusted } = await ask(ground.host, changes);
            assert.equal(isTrusted, false, `between statements ${position} and ${later}`);
            if (id !== '') await end();
          }
        }
      });

      it(`such as ${name} is found again behind a change of trust that leaves both as they are`, async () => {
        const id = await ground.begin();
        const { statements } = await ask(ground.host, new Map());
        for (let position = 1; position <= statements; position += 1) {
          const change = async () => setAside.end(await setAside.begin());
          assert.equal((await ask(ground.host, new Map([[position, change]]))).isTrusted, true);
        }
        await ground.end(id);
      });
    }
  });
}
