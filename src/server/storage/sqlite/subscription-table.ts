// Subscriptions, and how far each receiver of events has come in the audit log.
import type { DeliveryRecord, Labels, SubscriptionRecord } from '../records.ts';
import type { SyncStore, Tables } from './tables.ts';

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

interface DeliveryRow {
  readonly cursor: number;
  readonly failing_since: number | null;
  readonly failure: string | null;
}

type SubscriptionMethods = Pick<
  SyncStore,
  | 'listSubscriptions'
  | 'findSubscription'
  | 'addSubscription'
  | 'removeSubscription'
  | 'pauseSubscription'
  | 'replaySubscription'
>;
type DeliveryMethods = Pick<SyncStore, 'findDelivery' | 'openDelivery' | 'moveDelivery' | 'noteFailure'>;

const lastSequence = '(SELECT coalesce(max(sequence), 0) FROM audit)';

export function openSubscriptionTable({ database, transact, audit }: Tables): SubscriptionMethods {
  const list = database.prepare<[], SubscriptionRow>('SELECT * FROM subscriptions ORDER BY id');
  const find = database.prepare<[string], SubscriptionRow>('SELECT * FROM subscriptions WHERE id = ?');
  const count = database.prepare<[], number>('SELECT count(*) FROM subscriptions').pluck();
  const insert = database.prepare('INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)');
  const remove = database.prepare('DELETE FROM subscriptions WHERE id = ?');
  const pause = database.prepare('UPDATE subscriptions SET paused_at = ? WHERE id = ? AND paused_at IS NULL');
  const resume = database.prepare('UPDATE subscriptions SET paused_at = NULL WHERE id = ?');
  const begin = database.prepare(`INSERT INTO deliveries VALUES (?, coalesce(?, ${lastSequence}), NULL, NULL)`);
  const moveTo = database.prepare(
    'UPDATE deliveries SET cursor = coalesce(?, cursor), failing_since = NULL, failure = NULL WHERE receiver = ?',
  );
  const forget = database.prepare('DELETE FROM deliveries WHERE receiver = ?');
  return {
    listSubscriptions: () => list.all().map(subscriptionOf),
    findSubscription: (id) => {
      const row = find.get(id);
      return row && subscriptionOf(row);
    },
    addSubscription: (
      { id, url, kinds, labels, batch, format, rate, createdAt, createdBy },
      { after, maximum, audit: draft },
    ) =>
      transact(() => {
        if ((count.get() ?? 0) >= maximum) return false;
        const filter = [JSON.stringify(kinds), JSON.stringify(labels)];
        insert.run(id, url, ...filter, batch ? 1 : 0, rate ?? null, createdAt, createdBy, format);
        audit(draft);
        begin.run(id, after ?? null);
        return true;
      }),
    removeSubscription: (id, draft) =>
      transact(() => {
        if (remove.run(id).changes === 0) return false;
        forget.run(id);
        audit(draft);
        return true;
      }),
    pauseSubscription: (id, draft) =>
      transact(() => {
        if (pause.run(draft.at, id).changes === 0) return false;
        audit(draft);
        return true;
      }),
    replaySubscription: (id, { after, audit: draft }) =>
      transact(() => {
        if (resume.run(id).changes === 0) return false;
        moveTo.run(after ?? null, id);
        audit(draft);
        return true;
      }),
  };
}

export function openDeliveryTable({ database, transact }: Tables): DeliveryMethods {
  const find = database.prepare<[string], DeliveryRow>('SELECT * FROM deliveries WHERE receiver = ?');
  const open = database.prepare(
    `INSERT INTO deliveries VALUES (?, ${lastSequence}, NULL, NULL) ON CONFLICT (receiver) DO NOTHING`,
  );
  const move = database.prepare(
    'UPDATE deliveries SET cursor = ?, failing_since = NULL, failure = NULL WHERE receiver = ? AND cursor = ?',
  );
  const fail = database
    .prepare<[number, string, string], number>(
      `UPDATE deliveries SET failing_since = coalesce(failing_since, ?), failure = ? WHERE receiver = ?
       RETURNING failing_since`,
    )
    .pluck();
  const findDelivery = (receiver: string): DeliveryRecord | undefined => {
    const row = find.get(receiver);
    return row && deliveryOf(row);
  };
  return {
    findDelivery,
    openDelivery: (receiver) =>
      transact(() => {
        open.run(receiver);
        const delivery = findDelivery(receiver);
        if (delivery === undefined) throw new TypeError(`the delivery of ${receiver} was not opened`);
        return delivery;
      }),
    moveDelivery: (receiver, from, to) => transact(() => move.run(to, receiver, from).changes > 0),
    noteFailure: (receiver, { since, failure }) => transact(() => fail.get(since, failure, receiver) ?? since),
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

function deliveryOf({ cursor, failing_since: since, failure }: DeliveryRow): DeliveryRecord {
  return { cursor, failing: since === null ? undefined : { since, failure: failure ?? '' } };
}
