// Who does what, of servers that share a store: a lease is for one server until it ends, by the database's clock, and whoever is
// dead renews none. SQLite has one server, and no locks of rows.
import type { DeliveryRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { statement, type Database, type Statement, type Transaction } from '../sql.ts';
import type { CountRow } from '../rows.ts';
import { deliveryOf, type DeliveryRow } from './subscription-table.ts';

interface Words {
  /** The time in milliseconds. */
  readonly clock: string;
  /** Rows of one column `name` from a JSON array of texts. */
  readonly namesOf: (place: string) => string;
  readonly skipLocked: string;
}

const sqlite: Words = {
  clock: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  namesOf: (place) => `(SELECT value AS name FROM json_each(${place}))`,
  skipLocked: '',
};

const postgres: Words = {
  clock: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)',
  namesOf: (place) => `(SELECT name FROM json_array_elements_text(CAST(${place} AS json)) AS listed (name))`,
  skipLocked: 'FOR UPDATE SKIP LOCKED',
};

function inBoth<Row>(text: (words: Words) => string): Statement<Row> {
  return statement<Row>({ sqlite: text(sqlite), postgres: text(postgres) });
}

/** Whether nobody has it: it is over, or it ends later, by a minute at least, than any could that was taken by now. That clock was set back,
 * and who took it may be dead: who is not asks for it again. */
const isFree = (clock: string): string => `(leases.until <= ${clock} OR leases.until > ${clock} + 2 * $forMs + 60000)`;

const take = inBoth(
  ({ clock }) => `
  INSERT INTO leases VALUES ($name, $holder, ${clock} + $forMs)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
  WHERE leases.holder = excluded.holder OR ${isFree(clock)}`,
);
const offer = inBoth(
  ({ namesOf }) => `
  INSERT INTO leases SELECT name, '', 0 FROM ${namesOf('?')} AS offered WHERE TRUE ON CONFLICT DO NOTHING`,
);
const servers = inBoth<CountRow>(
  ({ clock }) => `SELECT count(*) AS count FROM leases WHERE name LIKE 'server/%' AND NOT ${isFree(clock)}`,
);
/** Its own first, then those that nobody holds; never one that another server is taking at this moment. */
const share = inBoth<{ readonly name: string }>(
  ({ clock, namesOf, skipLocked }) => `
  WITH chosen AS MATERIALIZED (
    SELECT name FROM leases WHERE name IN ${namesOf('$names')} AND (holder = $holder OR ${isFree(clock)})
    ORDER BY CASE WHEN holder = $holder THEN 0 ELSE 1 END, name LIMIT $most ${skipLocked})
  UPDATE leases SET holder = $holder, until = ${clock} + $forMs WHERE name IN (SELECT name FROM chosen) RETURNING name`,
);
const giveBack = inBoth(
  ({ namesOf }) => `
  UPDATE leases SET until = 0 WHERE holder = $holder AND name IN ${namesOf('$names')} AND name NOT IN ${namesOf('$kept')}`,
);
const forget = inBoth(({ clock }) => `DELETE FROM leases WHERE until < ${clock} - 3600000`);
const release = statement('DELETE FROM leases WHERE holder = ?');
const drop = statement('DELETE FROM leases WHERE name = ?');
const findErrand = inBoth<DeliveryRow>(
  ({ clock }) => `
  SELECT deliveries.* FROM deliveries JOIN subscriptions ON id = receiver JOIN leases ON name = receiver
  WHERE receiver = ? AND holder = ? AND until > ${clock} AND paused_at IS NULL`,
);

type LeaseMethods = Pick<Store, 'takeLease' | 'shareLeases' | 'releaseLeases' | 'findErrand'>;

export function openLeaseTable(database: Database): LeaseMethods {
  return {
    takeLease: async (holder, name, forMs) => (await database.run(take, { holder, name, forMs })) > 0,
    shareLeases: async (holder, names, forMs) => {
      await database.run(take, { holder, name: `server/${holder}`, forMs });
      await database.run(forget);
      if (names.length === 0) return [];
      const list = JSON.stringify(names);
      await database.run(offer, list);
      const most = Math.ceil(names.length / Math.max(1, (await database.get(servers, { forMs }))?.count ?? 1));
      const kept = (await database.returning(share, { holder, names: list, forMs, most })).map(({ name }) => name);
      await database.run(giveBack, { holder, names: list, kept: JSON.stringify(kept) });
      return kept;
    },
    releaseLeases: async (holder) => {
      await database.run(release, holder);
    },
    findErrand: async (receiver, holder): Promise<DeliveryRecord | undefined> => {
      const row = await database.get(findErrand, receiver, holder);
      return row && deliveryOf(row);
    },
  };
}

/** Whoever holds it finds out before it does anything more. */
export async function dropLease(tx: Transaction, name: string): Promise<void> {
  await tx.run(drop, name);
}
