// What was acknowledged survives a power cut: what the disk has is taken down each time that it was told to keep what it has.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrokenLink } from '../../../../src/server/audit/audit-chain.ts';
import { createDatabase, openSqliteStore } from '../../../../src/server/storage/index.ts';
import { openSqlStore } from '../../../../src/server/storage/sql/sql-store.ts';
import { openDatabase } from '../../../../src/server/storage/sqlite/database.ts';
import { openSqliteEngine } from '../../../../src/server/storage/sqlite/sqlite-engine.ts';
import { auditDraft } from '../../../support/stored-records.ts';

const files = ['touchstone.db', 'touchstone.db-wal'];

describe('a power cut', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-cut-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('loses nothing that was acknowledged', async () => {
    const path = join(folder, 'data');
    mkdirSync(path);
    createDatabase(path);
    let disks = 0;
    const sync = (): Promise<void> => {
      const disk = join(folder, `disk-${disks + 1}`);
      mkdirSync(disk);
      for (const name of files) copyFileSync(join(path, name), join(disk, name));
      return new Promise((resolve) =>
        setImmediate(() => {
          disks += 1;
          resolve();
        }),
      );
    };
    const store = openSqlStore(openSqliteEngine(openDatabase(path), { path, sync }), {
      rememberedHosts: 0,
      rememberedLogs: 0,
    });
    const acknowledged: (readonly [action: string, disk: number])[] = [];
    const lanes = Array.from({ length: 4 }, async (_, lane) => {
      for (let round = 0; round < 5; round += 1) {
        const action = `act-${lane}-${round}`;
        await store.appendAudit(auditDraft(action));
        acknowledged.push([action, disks]);
      }
    });
    await Promise.all(lanes);
    await store.close();
    assert.equal(acknowledged.length, 20);
    assert.ok(disks < 20, 'no two waited for the disk together');
    for (let disk = 1; disk <= disks; disk += 1) {
      const found = openSqliteStore(join(folder, `disk-${disk}`));
      const entries = await found.listAudit(0, 100);
      await found.close();
      assert.equal(findBrokenLink(entries), undefined);
      const actions = new Set(entries.map(({ action }) => action));
      for (const [action, at] of acknowledged) assert.ok(at > disk || actions.has(action), `${action} on disk ${disk}`);
    }
  });
});
