// What is said of a host is of one moment: never the labels of before beside the quarantines of after, which no moment ever had.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import { openInterruptedReader, openReadingEngine, type ReadingEngine } from '../../support/interrupted-reader.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { attestationOf, auditDraft, bindTestHost, openTestChallenge } from '../../support/stored-records.ts';

const labels = { rack: 'a' };

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`what a reader over ${kind} says of a host`, () => {
    let dataDirectory: string;
    let writer: Store;
    let engine: ReadingEngine;
    let attestations = 0;
    let quarantines = 0;
    /** Of the moment that is tried. */
    let opened: string | undefined;

    before(async () => {
      dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-moment-'));
      const url = kind === 'sqlite' ? undefined : await createTestDatabase();
      const storage = url === undefined ? 'sqlite' : postgresAt(url);
      await createStore({ dataDirectory, storage });
      writer = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 0, rememberedLogs: 0 } });
      engine = openReadingEngine(dataDirectory, url);
      await bindTestHost(writer, 'hv-1');
      await quarantine({ labels: { rack: 'b' } });
      await begin();
      await attest();
    });
    after(async () => {
      await engine.close();
      await writer.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    });

    async function quarantine(hosts: Parameters<Store['openQuarantine']>[0]['hosts']): Promise<string> {
      const id = `qua_${(quarantines += 1)}`;
      const record = { id, hosts, reason: 'r', createdAt: 1, createdBy: 'o', until: undefined, lifted: undefined };
      await writer.openQuarantine(record, { revision: undefined, audit: auditDraft('quarantine.opened') });
      return id;
    }

    async function lift(): Promise<void> {
      if (opened === undefined) return;
      assert.ok(await writer.liftQuarantine(opened, { reason: 'r', audit: auditDraft('quarantine.lifted') }));
      opened = undefined;
    }

    async function begin(): Promise<void> {
      await lift();
      await writer.setHostLabels('hv-1', labels, auditDraft('host.labelled'));
    }

    async function attest(): Promise<void> {
      const challengeId = `c${attestations}`;
      await openTestChallenge(writer, 'hv-1', challengeId);
      const record = await attestationOf(writer, 'hv-1', { challengeId, verdictSequence: attestations });
      attestations += 1;
      const basis = { ...record.basis, labels };
      assert.equal(await writer.recordAttestation({ ...record, basis }), 'recorded');
    }

    /** A store whose n-th statement comes after `meanwhile`. */
    function readerWith(position: number, meanwhile: () => Promise<void>) {
      const before = async (next: number) => (next === position ? meanwhile() : undefined);
      const { reader, asked } = openInterruptedReader(engine, before);
      return { reader, isOver: () => asked() < position };
    }

    /** Asks with the changes before each of the statements in turn, until there are no more statements. */
    async function eachMoment(
      prepare: () => Promise<() => Promise<void>>,
      look: (reader: Store) => Promise<void>,
    ): Promise<void> {
      for (let position = 1; ; position += 1) {
        const { reader, isOver } = readerWith(position, await prepare());
        await look(reader);
        if (isOver()) {
          assert.ok(position > 1, 'nothing was asked');
          return;
        }
      }
    }

    const doors = {
      'by itself': (reader: Store) => reader,
      'as a request reads ahead': (reader: Store) =>
        reader.readAhead({ purpose: 'verdict', tokenId: 'tok', hostId: 'hv-1', keepEvidence: 1 })?.store ?? reader,
    };
    for (const [door, through] of Object.entries(doors)) {
      it(`never leaves it out of quarantine that moves from one into another, read ${door}`, async () => {
        const moving = async () => {
          await begin();
          opened = await quarantine({ labels });
          return async () => {
            await writer.setHostLabels('hv-1', { rack: 'b' }, auditDraft('host.labelled'));
            await lift();
          };
        };
        await eachMoment(moving, async (reader) => {
          assert.equal((await through(reader).findStanding('hv-1'))?.host.quarantines.length, 1);
        });
        await eachMoment(moving, async (reader) => {
          assert.equal((await reader.findHost('hv-1'))?.quarantines.length, 1);
        });
      });

      it(`never has the verdict that came in quarantine without the quarantine, read ${door}`, async () => {
        const attesting = async () => {
          await begin();
          return async () => {
            opened = await quarantine({ labels });
            await attest();
          };
        };
        await eachMoment(attesting, async (reader) => {
          const before = attestations;
          const { host, verdict } = (await through(reader).findStanding('hv-1')) ?? assert.fail();
          assert.equal(host.quarantines.length, (verdict?.sequence ?? 0) - before);
        });
      });
    }
  });
}
