// Deny lists: the newest issue of each, and the verdicts that it ends.
import type { DenyJudgement, DenyListRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { revokeAkCertificates } from '../hosts/ak-certificate-table.ts';
import { isActive } from '../hosts/host-row.ts';
import { changeTrust, raiseTrustRevision } from '../database.ts';
import { readAll } from '../pages.ts';
import { bytesOf } from '../rows.ts';
import { statement, type Database, type Transaction } from '../sql.ts';
import { auditVoided, voidVerdicts, type Voiding } from '../attestations/verdict-voiding.ts';

interface DenyListRow {
  readonly name: string;
  readonly version: number;
  readonly envelope: Buffer;
  readonly stored_at: number;
  readonly stored_by: string;
  readonly removed_at: number | null;
  readonly removed_by: string | null;
  readonly remove_reason: string | null;
}

type DenyMethods = Pick<Store, 'listDenyLists' | 'findDenyList' | 'saveDenyList' | 'removeDenyList'>;

const list = statement<DenyListRow>('SELECT * FROM deny_lists ORDER BY name');
const find = statement<DenyListRow>('SELECT * FROM deny_lists WHERE name = ?');
const save = statement(
  `INSERT INTO deny_lists VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)
   ON CONFLICT (name) DO UPDATE SET version = excluded.version, envelope = excluded.envelope,
   stored_at = excluded.stored_at, stored_by = excluded.stored_by, removed_at = NULL, removed_by = NULL,
   remove_reason = NULL WHERE excluded.version > deny_lists.version`,
);
const remove = statement(
  `UPDATE deny_lists SET removed_at = $at, removed_by = $actor, remove_reason = $reason
   WHERE name = $name AND removed_at IS NULL`,
);

export function openDenyTable(database: Database): DenyMethods {
  return {
    listDenyLists: async () => (await database.all(list)).map(denyListOf),
    findDenyList: async (name) => {
      const row = await database.get(find, name);
      return row && denyListOf(row);
    },
    saveDenyList: ({ name, version, envelope, storedAt, storedBy }, { audit: draft, revision, ...judgement }) =>
      database.transactFleet(async (tx) => {
        const known = await tx.get(find, name);
        if (known !== undefined && known.version >= version) return 'older';
        const unjudged = await findUnjudged(tx, judgement.judged);
        if (unjudged.length > 0 && !judgement.voidUnjudged) return { unjudged };
        await tx.run(save, name, version, envelope, storedAt, storedBy);
        // An appraisal that is under way must not end without it.
        await raiseTrustRevision(tx, revision);
        const { at, actor } = draft;
        const late = { code: 'DENIED_UNPROVEN', message: 'it attested while a deny list came into force' };
        const ends = new Map([...unjudged.map((host) => [host, late] as const), ...judgement.denied]);
        const voided = await voidEach(tx, ends, at);
        await revokeAkCertificates(tx, [...unjudged, ...judgement.disowned], at, 'privilegeWithdrawn');
        await tx.audit({ ...draft, details: { ...draft.details, hosts: voided.length } });
        await auditVoided(tx, voided, (host) => {
          return { at, actor, details: { denyList: name, version, code: ends.get(host)?.code ?? '' } };
        });
        return { hosts: voided.length };
      }),
    removeDenyList: (name, { reason, audit: draft }) =>
      database.transact(async (tx) => {
        const { at, actor } = draft;
        if ((await tx.run(remove, { name, at, actor, reason })) === 0) return false;
        await changeTrust(tx, draft);
        return true;
      }),
  };
}

const standing = statement<{ readonly id: string; readonly sequence: number }>(
  `SELECT id, verdict_sequence AS sequence FROM hosts WHERE ${isActive} AND id > ? ORDER BY id LIMIT ?`,
);

/** Active hosts that have another last verdict than when they were looked at, or were not there then. */
async function findUnjudged(tx: Transaction, judged: DenyJudgement['judged']): Promise<readonly string[]> {
  const hosts = await readAll((after, limit) => tx.all(standing, after, limit));
  return hosts.filter(({ id, sequence }) => judged.get(id) !== sequence).map(({ id }) => id);
}

type Reason = Pick<Voiding, 'code' | 'message'>;

/** Those that are denied for one reason together. */
async function voidEach(tx: Transaction, ends: ReadonlyMap<string, Reason>, at: number): Promise<readonly string[]> {
  const alike = new Map<string, { readonly reason: Reason; readonly hosts: string[] }>();
  for (const [host, reason] of ends) {
    const key = JSON.stringify([reason.code, reason.message]);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, { reason, hosts: [host] });
    else group.hosts.push(host);
  }
  const voided: string[] = [];
  for (const { reason, hosts } of alike.values()) voided.push(...(await voidVerdicts(tx, hosts, { at, ...reason })));
  return voided.sort();
}

function denyListOf(row: DenyListRow): DenyListRecord {
  return {
    name: row.name,
    version: row.version,
    envelope: bytesOf(row.envelope),
    storedAt: row.stored_at,
    storedBy: row.stored_by,
    removed:
      row.removed_at === null
        ? undefined
        : { at: row.removed_at, by: row.removed_by ?? '', reason: row.remove_reason ?? '' },
  };
}
