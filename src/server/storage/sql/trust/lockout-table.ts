// Lockout protection: its last hold, and the hosts that lost trust, which all servers that share the store count together.
import type { LockoutRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import type { CountRow } from '../rows.ts';
import { statement, type Database, type Sql } from '../sql.ts';

const find = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'lockout'");
const put = statement("INSERT INTO meta VALUES ('lockout', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
const noteFlip = statement(
  'INSERT INTO lockout_flips VALUES (?, ?) ON CONFLICT (host_id) DO UPDATE SET lost_at = excluded.lost_at',
);
const forgetFlip = statement('DELETE FROM lockout_flips WHERE host_id = ?');
const countFlips = statement<CountRow>('SELECT count(*) AS count FROM lockout_flips WHERE lost_at >= ?');

type LockoutMethods = Pick<
  Store,
  'findLockout' | 'beginLockout' | 'endLockout' | 'noteFlip' | 'forgetFlip' | 'countFlips'
>;

export function openLockoutTable(database: Database): LockoutMethods {
  return {
    noteFlip: async (hostId, at) => {
      await database.run(noteFlip, hostId, at);
    },
    forgetFlip: async (hostId) => {
      await database.run(forgetFlip, hostId);
    },
    countFlips: async (since) => (await database.get(countFlips, since))?.count ?? 0,
    findLockout: () => findLast(database),
    beginLockout: (record, audit) =>
      database.transact(async (tx) => {
        const last = await findLast(tx);
        if (last !== undefined && last.endedAt === undefined) return false;
        await tx.run(put, JSON.stringify(record));
        await tx.audit(audit);
        return true;
      }),
    endLockout: (id, audit) =>
      database.transact(async (tx) => {
        const last = await findLast(tx);
        if (last?.id !== id || last.endedAt !== undefined) return false;
        await tx.run(put, JSON.stringify({ ...last, endedAt: audit.at }));
        await tx.audit(audit);
        return true;
      }),
  };
}

async function findLast(sql: Pick<Sql, 'get'>): Promise<LockoutRecord | undefined> {
  const row = await sql.get(find);
  return row && (JSON.parse(row.value) as LockoutRecord);
}
