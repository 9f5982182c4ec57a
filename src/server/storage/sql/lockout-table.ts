// The last hold of lockout protection.
import type { LockoutRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { statement, type Database, type Sql } from './sql.ts';

const find = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'lockout'");
const put = statement("INSERT INTO meta VALUES ('lockout', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");

export function openLockoutTable(database: Database): Pick<Store, 'findLockout' | 'beginLockout' | 'endLockout'> {
  return {
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
