// Quarantines. A host's own list is read with the host, so that nobody who reads a host can overlook them.
import { isInForce, selectsHost } from '../../host-selector.ts';
import type { HostRecord, HostSelector, Labels, QuarantineRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { revokeAkCertificates } from './ak-certificate-table.ts';
import { auditEach, raiseTrustRevision } from '../database.ts';
import { findHostRow, isActive } from './host-row.ts';
import { readPages } from '../pages.ts';
import { hostOf, readRow, type HostRow } from '../rows.ts';
import { statement, type Database, type Sql, type Transaction } from '../sql.ts';

type QuarantineMethods = Pick<
  Store,
  'openQuarantine' | 'liftQuarantine' | 'tellQuarantineEnds' | 'findQuarantine' | 'listQuarantines'
>;

interface QuarantineRow {
  readonly id: string;
  readonly hosts: string;
  readonly reason: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly until: number | null;
  readonly lifted_at: number | null;
  readonly lifted_by: string | null;
  readonly lift_reason: string | null;
}

/** Beside a host: what was not lifted, as JSON. */
export interface QuarantinesColumn {
  readonly quarantines: string;
}

const columns = [
  ...['id', 'hosts', 'reason', 'created_at', 'created_by'],
  ...['until', 'lifted_at', 'lifted_by', 'lift_reason'],
] as const satisfies readonly (keyof QuarantineRow)[];

/** For a statement about one host. In one with its labels they are of the same moment; of two moments a host could be in none of them that
 * was never out of quarantine: labelled as before, and without the quarantine that was lifted when it had other labels. */
const openQuarantines = {
  sqlite: quarantinesAs('json_group_array', 'json_object'),
  postgres: quarantinesAs('json_agg', 'json_build_object'),
};

function quarantinesAs(array: string, object: string): string {
  const members = columns.map((name) => `'${name}', ${name}`).join(', ');
  return `(SELECT coalesce(CAST(${array}(${object}(${members})) AS TEXT), '[]')
    FROM (SELECT * FROM quarantines WHERE lifted_at IS NULL ORDER BY id) AS not_lifted) AS quarantines`;
}

/** `textWith` has the quarantines as one of its columns. */
export function statementWithQuarantines<Row>(textWith: (quarantines: string) => string) {
  const { sqlite, postgres } = openQuarantines;
  return statement<Row & QuarantinesColumn>({ sqlite: textWith(sqlite), postgres: textWith(postgres) });
}

export function readHostWithQuarantines(row: HostRow & QuarantinesColumn): HostRecord {
  return readRow(row.id, () => {
    const quarantines = JSON.parse(row.quarantines) as readonly QuarantineRow[];
    return hostWith(row, quarantines.map(quarantineOf));
  });
}

const listOpen = statement<QuarantineRow>('SELECT * FROM quarantines WHERE lifted_at IS NULL ORDER BY id');

/** A reader of host rows, each with the quarantines that select it and were not lifted. Those are read once for all rows that
 * one reader is used for: make one for each call of the store, after the rows were read. */
export async function openHostReading(sql: Sql): Promise<(row: HostRow) => HostRecord> {
  const quarantines = (await sql.all(listOpen)).map(quarantineOf);
  return (row) => readRow(row.id, () => hostWith(row, quarantines));
}

/** With those among the quarantines that select it. */
function hostWith(row: HostRow, quarantines: readonly QuarantineRecord[]): HostRecord {
  const host = { hostId: row.id, labels: JSON.parse(row.labels) as Labels };
  return hostOf(
    row,
    quarantines.filter(({ hosts }) => selectsHost(hosts, host)),
  );
}

/** Whether a quarantine is in force for a host. */
export async function isSetAside(tx: Transaction, hostId: string, at: number): Promise<boolean> {
  const row = await findHostRow(tx, hostId);
  if (row === undefined) return false;
  const { quarantines } = (await openHostReading(tx))(row);
  return quarantines.some((quarantine) => isInForce(quarantine, at));
}

const find = statement<QuarantineRow>('SELECT * FROM quarantines WHERE id = ?');
const list = statement<QuarantineRow>('SELECT * FROM quarantines WHERE id > ? ORDER BY id LIMIT ?');
const insert = statement('INSERT INTO quarantines VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)');
const lift = statement(
  `UPDATE quarantines SET lifted_at = $at, lifted_by = $actor, lift_reason = $reason
   WHERE id = $id AND lifted_at IS NULL AND (until IS NULL OR until > $at)`,
);
const listOver = statement<QuarantineRow>(
  'SELECT * FROM quarantines WHERE lifted_at IS NULL AND end_told_at IS NULL AND until <= ? ORDER BY until, id',
);
const markTold = statement('UPDATE quarantines SET end_told_at = ? WHERE id = ?');

export function openQuarantineTable(database: Database): QuarantineMethods {
  return {
    openQuarantine: ({ id, hosts, reason, createdAt, createdBy, until }, { revision, audit: draft }) =>
      database.transactFleet(async (tx) => {
        await tellEnds(tx, draft.at);
        await tx.run(insert, id, JSON.stringify(hosts), reason, createdAt, createdBy, until ?? null);
        await tx.audit(draft);
        // An attestation that is under way must not bring the certificate of one that is not set aside.
        await raiseTrustRevision(tx, revision);
        const ids = await selectHosts(tx, hosts);
        await revokeAkCertificates(tx, ids, draft.at, 'privilegeWithdrawn');
        const details = { quarantine: id, reason, until: until === undefined ? null : new Date(until).toISOString() };
        await auditEach(tx, ids, () => ({ ...draft, action: 'host.quarantined', details }));
        return ids.length;
      }),
    liftQuarantine: (id, { reason, audit: draft }) =>
      database.transactFleet(async (tx) => {
        const row = await tx.get(find, id);
        const { at, actor } = draft;
        if (row === undefined || (await tx.run(lift, { id, at, actor, reason })) === 0) return false;
        await tx.audit(draft);
        const ids = await selectHosts(tx, quarantineOf(row).hosts);
        const details = { quarantine: id, reason };
        await auditEach(tx, ids, () => ({ ...draft, action: 'host.quarantine-lifted', details }));
        return true;
      }),
    tellQuarantineEnds: async (at) => {
      // Mostly there is nothing to tell, and nobody is held up.
      if ((await database.get(listOver, at)) === undefined) return 0;
      return database.transactFleet((tx) => tellEnds(tx, at));
    },
    findQuarantine: async (id) => {
      const row = await database.get(find, id);
      return row && quarantineOf(row);
    },
    listQuarantines: async ({ after, limit }) => (await database.all(list, after ?? '', limit)).map(quarantineOf),
  };
}

/** Those that are over and were not lifted, in the order in which they ended: an entry for each, and for each host that it selects. */
async function tellEnds(tx: Transaction, at: number): Promise<number> {
  const over = (await tx.all(listOver, at)).map(quarantineOf);
  for (const { id, hosts, reason, until = at } of over) {
    await tx.run(markTold, at, id);
    const draft = { at, actor: 'server', details: { reason, until: new Date(until).toISOString() } };
    await tx.audit({ ...draft, action: 'quarantine.ended', subject: id });
    const details = { quarantine: id, ...draft.details };
    await auditEach(tx, await selectHosts(tx, hosts), () => ({ ...draft, action: 'host.quarantine-ended', details }));
  }
  return over.length;
}

const active = statement<{ readonly id: string; readonly labels: string }>(
  `SELECT id, labels FROM hosts WHERE ${isActive} AND id > ? ORDER BY id LIMIT ?`,
);

/** Those whose labels are damaged are among them: nobody can tell that they are not. The process does other things meanwhile. */
async function selectHosts(tx: Transaction, hosts: HostSelector): Promise<readonly string[]> {
  const isSelected = selectionOf(hosts);
  const ids: string[] = [];
  for await (const page of readPages((after, limit) => tx.all(active, after, limit))) {
    for (const { id, labels } of page) {
      const known = readLabels(labels);
      if (known === undefined || isSelected({ hostId: id, labels: known })) ids.push(id);
    }
  }
  return ids;
}

/** As `selectsHost`, for many hosts: a selector may name ten thousand. */
function selectionOf(hosts: HostSelector): (host: Pick<HostRecord, 'hostId' | 'labels'>) => boolean {
  if (!('names' in hosts)) return (host) => selectsHost(hosts, host);
  const names = new Set(hosts.names);
  return ({ hostId }) => names.has(hostId);
}

function readLabels(text: string): Labels | undefined {
  try {
    return JSON.parse(text) as Labels;
  } catch {
    return undefined;
  }
}

function quarantineOf(row: QuarantineRow): QuarantineRecord {
  return {
    id: row.id,
    hosts: JSON.parse(row.hosts) as HostSelector,
    reason: row.reason,
    createdAt: row.created_at,
    createdBy: row.created_by,
    until: row.until ?? undefined,
    lifted:
      row.lifted_at === null
        ? undefined
        : { at: row.lifted_at, by: row.lifted_by ?? '', reason: row.lift_reason ?? '' },
  };
}
