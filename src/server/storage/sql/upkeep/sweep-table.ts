// Sweeping: what nothing needs any more, host by host. Hosts are walked in the order of their ids, so no index is kept for it, and
// each host is swept in a transaction of its own, beside those of other hosts.
import type { SweepBounds, SweepRecord, Swept } from '../../sweep-records.ts';
import type { Store } from '../../store.ts';
import { dropHistory } from '../attestations/history.ts';
import { statement, type Database, type Transaction } from '../sql.ts';

interface DueRow extends Omit<Swept, 'akCertificates'> {
  readonly id: string;
  /** The newest of its verdicts that go; null where all stay. */
  readonly oldest: number | null;
  readonly certificates: number;
}

// The last verdict stays, and whatever came after the newest evidence that was verified in this epoch: break-glass, what-if and
// captures stand on that.
const listDue = statement<DueRow>(
  `SELECT due.*, (SELECT count(*) FROM attestations WHERE host_id = due.id AND sequence <= due.oldest) AS verdicts FROM (
     SELECT id,
       (SELECT max(sequence) FROM attestations WHERE host_id = hosts.id AND expires_at < $verdictsBefore
          AND sequence < hosts.verdict_sequence
          AND sequence < coalesce((SELECT max(sequence) FROM attestations AS quoted WHERE host_id = hosts.id
            AND quote_verified = 1 AND quoted.epoch = hosts.epoch), hosts.verdict_sequence)) AS oldest,
       (SELECT count(*) FROM challenges WHERE host_id = hosts.id AND expires_at < $othersBefore) AS challenges,
       (SELECT count(*) FROM ak_certificates WHERE host_id = hosts.id AND not_after < $othersBefore) AS certificates,
       (SELECT count(*) FROM lockout_flips WHERE host_id = hosts.id AND lost_at < $othersBefore) AS flips
     FROM hosts WHERE id > $after ORDER BY id LIMIT $limit) AS due
   ORDER BY due.id`,
);
const find = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'sweep'");
const put = statement("INSERT INTO meta VALUES ('sweep', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");

export const sweptNothing: Swept = { verdicts: 0, challenges: 0, akCertificates: 0, flips: 0 };

export function openSweepTable(database: Database): Pick<Store, 'findSweep' | 'saveSweep' | 'sweepHosts'> {
  return {
    findSweep: async () => {
      const row = await database.get(find);
      return row && (JSON.parse(row.value) as SweepRecord);
    },
    saveSweep: async (record) => {
      await database.run(put, JSON.stringify(record));
    },
    sweepHosts: async ({ after, limit }, bounds, { isRehearsal }) => {
      const rows = await database.all(listDue, { ...bounds, after: after ?? '', limit });
      const last = rows.at(-1);
      if (last === undefined) return undefined;
      const due = rows.filter((row) => sum(sweptOf(row)) > 0);
      if (!isRehearsal) await inFew(due, (row) => database.transactHost(row.id, (tx) => sweepHost(tx, row, bounds)));
      return { through: last.id, hosts: rows.length, swept: due.map(sweptOf).reduce(addSwept, sweptNothing) };
    },
  };
}

/** Few at once: over SQLite they share one wait for the disk, over PostgreSQL connections are left for those who ask. */
async function inFew<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += 4) await Promise.all(items.slice(start, start + 4).map(work));
}

function sweptOf({ verdicts, challenges, certificates, flips }: DueRow): Swept {
  return { verdicts, challenges, akCertificates: certificates, flips };
}

export function addSwept(one: Swept, other: Swept): Swept {
  return {
    verdicts: one.verdicts + other.verdicts,
    challenges: one.challenges + other.challenges,
    akCertificates: one.akCertificates + other.akCertificates,
    flips: one.flips + other.flips,
  };
}

function sum({ verdicts, challenges, akCertificates, flips }: Swept): number {
  return verdicts + challenges + akCertificates + flips;
}

const dropChallenges = statement('DELETE FROM challenges WHERE host_id = ? AND expires_at < ?');
const dropCertificates = statement('DELETE FROM ak_certificates WHERE host_id = ? AND not_after < ?');
const dropFlip = statement('DELETE FROM lockout_flips WHERE host_id = ? AND lost_at < ?');

async function sweepHost(tx: Transaction, row: DueRow, { othersBefore }: SweepBounds): Promise<void> {
  // What was due a moment ago still is: verdicts and evidence are only ever added behind what there was.
  if (row.oldest !== null) await dropHistory(tx, row.id, { through: row.oldest });
  if (row.challenges > 0) await tx.run(dropChallenges, row.id, othersBefore);
  if (row.certificates > 0) await tx.run(dropCertificates, row.id, othersBefore);
  if (row.flips > 0) await tx.run(dropFlip, row.id, othersBefore);
}
