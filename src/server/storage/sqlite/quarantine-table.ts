// Quarantines. A host's own list is read with the host, so that nobody who reads a host can overlook them.
import { isInForce, selectsHost } from '../host-selector.ts';
import type { AuditDraft, HostRecord, HostSelector, Labels, QuarantineRecord } from '../records.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import { hostOf, readRow, type HostRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

type QuarantineMethods = Pick<SyncStore, 'openQuarantine' | 'liftQuarantine' | 'findQuarantine' | 'listQuarantines'>;

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

/** A reader of host rows, each with the quarantines that select it and were not lifted. Those are read once for all rows that
 * one reader is used for: make one for each call of the store. */
export function openHostReading({ database }: Tables): () => (row: HostRow) => HostRecord {
  const open = database.prepare<[], QuarantineRow>('SELECT * FROM quarantines WHERE lifted_at IS NULL ORDER BY id');
  return () => {
    const quarantines = open.all().map(quarantineOf);
    return (row) => {
      return readRow(row.id, () => {
        const host = { hostId: row.id, labels: JSON.parse(row.labels) as Labels };
        return hostOf(
          row,
          quarantines.filter(({ hosts }) => selectsHost(hosts, host)),
        );
      });
    };
  };
}

/** Whether a quarantine is in force for a host. */
export function openSetAsideCheck(tables: Tables): (hostId: string, at: number) => boolean {
  const find = tables.database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const readHosts = openHostReading(tables);
  return (hostId, at) => {
    const row = find.get(hostId);
    return row !== undefined && readHosts()(row).quarantines.some((quarantine) => isInForce(quarantine, at));
  };
}

export function openQuarantineTable(tables: Tables): QuarantineMethods {
  const { database, transact, audit } = tables;
  const find = database.prepare<[string], QuarantineRow>('SELECT * FROM quarantines WHERE id = ?');
  const list = database.prepare<[string, number], QuarantineRow>(
    'SELECT * FROM quarantines WHERE id > ? ORDER BY id LIMIT ?',
  );
  const insert = database.prepare('INSERT INTO quarantines VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)');
  const lift = database.prepare(
    `UPDATE quarantines SET lifted_at = $at, lifted_by = $actor, lift_reason = $reason
     WHERE id = $id AND lifted_at IS NULL AND (until IS NULL OR until > $at)`,
  );
  const selected = openSelectedHosts(tables);
  const certificates = openAkCertificateTable(tables);

  function tell(ids: readonly string[], draft: AuditDraft): void {
    for (const subject of ids) audit({ ...draft, subject });
  }

  return {
    openQuarantine: ({ id, hosts, reason, createdAt, createdBy, until }, draft) =>
      transact(() => {
        insert.run(id, JSON.stringify(hosts), reason, createdAt, createdBy, until ?? null);
        audit(draft);
        // An attestation that is under way must not bring the certificate of one that is not set aside.
        tables.raiseTrustRevision();
        const ids = selected(hosts);
        for (const host of ids) certificates.revokeOf(host, draft.at, 'privilegeWithdrawn');
        const details = { quarantine: id, reason, until: until === undefined ? null : new Date(until).toISOString() };
        tell(ids, { ...draft, action: 'host.quarantined', details });
        return ids.length;
      }),
    liftQuarantine: (id, { reason, audit: draft }) =>
      transact(() => {
        const row = find.get(id);
        const { at, actor } = draft;
        if (row === undefined || lift.run({ id, at, actor, reason }).changes === 0) return false;
        audit(draft);
        tell(selected(quarantineOf(row).hosts), {
          ...draft,
          action: 'host.quarantine-lifted',
          details: { quarantine: id, reason },
        });
        return true;
      }),
    findQuarantine: (id) => {
      const row = find.get(id);
      return row && quarantineOf(row);
    },
    listQuarantines: ({ after, limit }) => list.all(after ?? '', limit).map(quarantineOf),
  };
}

function openSelectedHosts({ database }: Tables): (hosts: HostSelector) => readonly string[] {
  const all = database.prepare<[], { readonly id: string; readonly labels: string }>(
    "SELECT id, labels FROM hosts WHERE state = 'active' ORDER BY id",
  );
  return (hosts) =>
    all
      .all()
      .filter(({ id, labels }) => selectsHost(hosts, { hostId: id, labels: JSON.parse(labels) as Labels }))
      .map(({ id }) => id);
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
