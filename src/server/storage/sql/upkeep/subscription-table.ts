// Subscriptions, and how far each receiver of events has come in the audit log.
import type { DeliveryRecord, Labels, SubscriptionRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { dropLease } from './lease-table.ts';
import type { CountRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

interface SubscriptionRow {
  readonly id: string;
  readonly url: string;
  readonly kinds: string;
  readonly labels: string;
  readonly batch: number;
  readonly rate: number | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly paused_at: number | null;
  readonly format: SubscriptionRecord['format'];
}

export interface DeliveryRow {
  readonly cursor: number;
  readonly failing_since: number | null;
  readonly failure: string | null;
  readonly replays: number;
}

type SubscriptionMethods = Pick<
  Store,
  | 'listSubscriptions'
  | 'findSubscription'
  | 'addSubscription'
  | 'removeSubscription'
  | 'pauseSubscription'
  | 'replaySubscription'
>;
type DeliveryMethods = Pick<Store, 'findDelivery' | 'moveDelivery' | 'noteFailure'>;

const lastSequence = '(SELECT coalesce(max(sequence), 0) FROM audit)';

const list = statement<SubscriptionRow>('SELECT * FROM subscriptions ORDER BY id');
const find = statement<SubscriptionRow>('SELECT * FROM subscriptions WHERE id = ?');
const count = statement<CountRow>('SELECT count(*) AS count FROM subscriptions');
const insert = statement('INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)');
const remove = statement('DELETE FROM subscriptions WHERE id = ?');
const pause = statement('UPDATE subscriptions SET paused_at = ? WHERE id = ? AND paused_at IS NULL');
const resume = statement('UPDATE subscriptions SET paused_at = NULL WHERE id = ?');
const begin = statement(`INSERT INTO deliveries VALUES (?, coalesce(?, ${lastSequence}), NULL, NULL, 0)`);
const moveTo = statement(
  `UPDATE deliveries SET cursor = coalesce(?, cursor), replays = replays + 1, failing_since = NULL, failure = NULL
   WHERE receiver = ?`,
);
const forget = statement('DELETE FROM deliveries WHERE receiver = ?');

export function openSubscriptionTable(database: Database): SubscriptionMethods {
  return {
    listSubscriptions: async () => (await database.all(list)).map(subscriptionOf),
    findSubscription: async (id) => {
      const row = await database.get(find, id);
      return row && subscriptionOf(row);
    },
    addSubscription: (
      { id, url, kinds, labels, batch, format, rate, createdAt, createdBy },
      { after, maximum, audit: draft },
    ) =>
      database.transact(async (tx) => {
        if (((await tx.get(count))?.count ?? 0) >= maximum) return false;
        const filter = [JSON.stringify(kinds), JSON.stringify(labels)];
        await tx.run(insert, id, url, ...filter, batch ? 1 : 0, rate ?? null, createdAt, createdBy, format);
        await tx.audit(draft);
        await tx.run(begin, id, after ?? null);
        return true;
      }),
    removeSubscription: (id, draft) =>
      database.transact(async (tx) => {
        if ((await tx.run(remove, id)) === 0) return false;
        await tx.run(forget, id);
        await dropLease(tx, id);
        await tx.audit(draft);
        return true;
      }),
    pauseSubscription: (id, draft) =>
      database.transact(async (tx) => {
        if ((await tx.run(pause, draft.at, id)) === 0) return false;
        await tx.audit(draft);
        return true;
      }),
    replaySubscription: (id, { after, audit: draft }) =>
      database.transact(async (tx) => {
        if ((await tx.run(resume, id)) === 0) return false;
        await tx.run(moveTo, after ?? null, id);
        // Whoever waits to try again waits no longer.
        await dropLease(tx, id);
        await tx.audit(draft);
        return true;
      }),
  };
}

const findCursor = statement<DeliveryRow>('SELECT * FROM deliveries WHERE receiver = ?');
const move = statement(
  `UPDATE deliveries SET cursor = ?, failing_since = NULL, failure = NULL
   WHERE receiver = ? AND cursor = ? AND replays = ?`,
);
const fail = statement<{ readonly failing_since: number }>(
  `UPDATE deliveries SET failing_since = coalesce(failing_since, ?), failure = ? WHERE receiver = ?
   RETURNING failing_since`,
);

export function openDeliveryTable(database: Database): DeliveryMethods {
  return {
    findDelivery: async (receiver) => {
      const row = await database.get(findCursor, receiver);
      return row && deliveryOf(row);
    },
    moveDelivery: async (receiver, { cursor, replays }, to) =>
      (await database.run(move, to, receiver, cursor, replays)) > 0,
    noteFailure: async (receiver, { since, failure }) =>
      (await database.returning(fail, since, failure, receiver))[0]?.failing_since ?? since,
  };
}

function subscriptionOf(row: SubscriptionRow): SubscriptionRecord {
  return {
    id: row.id,
    url: row.url,
    kinds: JSON.parse(row.kinds) as readonly string[],
    labels: JSON.parse(row.labels) as Labels,
    batch: row.batch === 1,
    format: row.format,
    rate: row.rate ?? undefined,
    createdAt: row.created_at,
    createdBy: row.created_by,
    pausedAt: row.paused_at ?? undefined,
  };
}

export function deliveryOf({ cursor, replays, failing_since: since, failure }: DeliveryRow): DeliveryRecord {
  return { cursor, replays, failing: since === null ? undefined : { since, failure: failure ?? '' } };
}
