// The latest time that was seen, and what is dated behind the time that it is now: only a clock that was set back makes such.
import type { Store } from '../../store.ts';
import { statement, type Database } from '../sql.ts';
import { auditVoided, voidVerdicts } from '../attestations/verdict-voiding.ts';
import { setDatesRight } from './dated-ahead.ts';

const find = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'time'");
const note = statement(
  `INSERT INTO meta VALUES ('time', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
   WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)`,
);
const put = statement("UPDATE meta SET value = ? WHERE key = 'time'");
// Of servers that share a database one may be wrong: what is ahead of it alone is left to the others. SQLite has the server's own clock.
const databaseTime = statement<{ readonly at: number }>({
  sqlite: 'SELECT 0 AS at',
  postgres: 'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS at',
});
const listAhead = statement<{ readonly id: string }>(
  `SELECT hosts.id AS id FROM hosts JOIN attestations ON host_id = hosts.id AND sequence = verdict_sequence
   WHERE issued_at > ? AND voided_at IS NULL ORDER BY hosts.id`,
);

const code = 'VERDICT_FROM_THE_FUTURE';
const message = 'it was issued while the clock of the server was ahead';

export function openTimeTable(database: Database): Pick<Store, 'noteTime' | 'latestTime' | 'endAhead'> {
  const latestTime = async (): Promise<number> => Number((await database.get(find))?.value ?? 0);
  return {
    latestTime,
    noteTime: async (at) => {
      await database.run(note, String(at));
    },
    endAhead: async ({ at, toleranceMs }) => {
      const latest = await latestTime();
      const bound = Math.max(at, (await database.get(databaseTime))?.at ?? 0) + toleranceMs;
      // As nearly always: nothing is looked through.
      if (latest <= bound) return undefined;
      return database.transactFleet(async (tx) => {
        const hosts = (await tx.all(listAhead, bound)).map(({ id }) => id);
        const voided = await voidVerdicts(tx, hosts, { at, code, message });
        await setDatesRight(tx, { bound, at });
        await tx.run(put, String(at));
        await auditVoided(tx, voided, () => ({ at, actor: 'server', details: { code } }));
        return { aheadMs: latest - at, verdicts: voided.length };
      });
    },
  };
}
