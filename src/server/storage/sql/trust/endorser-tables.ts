// Who may vouch for a TPM: trust anchors, and endorsement keys that operators registered.
import { decodeHex } from '../../../../core/encoding/index.ts';
import type { AnchorRecord, AuditDraft } from '../../records.ts';
import type { Store } from '../../store.ts';
import { changeTrust, trustRevision } from '../database.ts';
import { endEndorsements, isStanding } from './endorsement.ts';
import { anchorOf, registeredEkOf, type AnchorRow, type RegisteredEkRow } from '../rows.ts';
import { statement, type Database, type Sql, type Transaction } from '../sql.ts';

type AnchorMethods = Pick<
  Store,
  'listAnchors' | 'addAnchor' | 'importAnchorBundle' | 'withdrawAnchor' | 'activateAnchor'
>;
type RegisteredEkMethods = Pick<Store, 'findRegisteredEk' | 'listRegisteredEks' | 'registerEk' | 'unregisterEk'>;

export function openEndorserTables(
  database: Database,
): AnchorMethods & RegisteredEkMethods & Pick<Store, 'setHostEndorser'> {
  return { ...openAnchorTable(database), ...openRegisteredEkTable(database), ...openHostEndorser(database) };
}

const listAnchors = statement<AnchorRow>('SELECT * FROM anchors ORDER BY name, id');
// Whoever trusts a withdrawn anchor again says so by adding it again.
const saveAnchor = statement(
  `INSERT INTO anchors (id, name, scope, certificate, revocation, staged, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT (id) DO UPDATE SET name = excluded.name, scope = excluded.scope, created_at = excluded.created_at,
   revocation = excluded.revocation, staged = excluded.staged, withdrawn_at = NULL, withdraw_reason = NULL
   WHERE anchors.withdrawn_at IS NOT NULL`,
);
const findAnchor = statement('SELECT id FROM anchors WHERE id = ?');
const lastBundle = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'anchor_bundle'");
const saveBundle = statement(
  "INSERT INTO meta VALUES ('anchor_bundle', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
);
const activate = statement('UPDATE anchors SET staged = 0 WHERE id = ? AND staged = 1 AND withdrawn_at IS NULL');
const withdraw = statement(
  'UPDATE anchors SET withdrawn_at = ?, withdraw_reason = ? WHERE id = ? AND withdrawn_at IS NULL',
);

function openAnchorTable(database: Database): AnchorMethods {
  return {
    listAnchors: async () => (await database.all(listAnchors)).map(anchorOf),
    addAnchor: (anchor, draft) =>
      database.transact(async (tx) => {
        const isNew = await insertAnchor(tx, anchor);
        if (isNew) await changeTrust(tx, draft);
        return isNew;
      }),
    importAnchorBundle: (sequence, anchors, draft) =>
      database.transact(async (tx) => {
        if (sequence <= Number((await tx.get(lastBundle))?.value ?? 0)) return 'older';
        await tx.run(saveBundle, String(sequence));
        await changeTrust(tx, draft);
        const added: AnchorRecord[] = [];
        for (const { record, details } of anchors) {
          if ((await tx.get(findAnchor, record.id)) !== undefined) continue;
          await insertAnchor(tx, record);
          await tx.audit({ ...draft, ...wordsOf(record), details: { ...anchorDetails(record, sequence), ...details } });
          added.push(record);
        }
        return added;
      }),
    activateAnchor: (id, draft) =>
      database.transact(async (tx) => {
        const isStaged = (await tx.run(activate, id)) > 0;
        if (isStaged) await changeTrust(tx, draft);
        return isStaged;
      }),
    withdrawAnchor: (id, { reason, revision, audit: draft }) =>
      database.transactFleet(async (tx) => {
        if ((await tx.run(withdraw, draft.at, reason, id)) === 0) return undefined;
        return endEndorsements(tx, id, draft, revision);
      }),
  };
}

async function insertAnchor(tx: Transaction, anchor: AnchorRecord): Promise<boolean> {
  const { id, name, scope, certificate, revocation, staged, createdAt } = anchor;
  return (await tx.run(saveAnchor, id, name, scope, certificate, revocation, staged ? 1 : 0, createdAt)) > 0;
}

function wordsOf({ staged, name }: AnchorRecord): Pick<AuditDraft, 'action' | 'subject'> {
  return { action: staged ? 'trust-anchor.staged' : 'trust-anchor.added', subject: name };
}

function anchorDetails({ id, scope, revocation }: AnchorRecord, bundle: number): AuditDraft['details'] {
  return { certificate: id, scope, revocation, bundle };
}

const findEk = statement<RegisteredEkRow>('SELECT * FROM registered_eks WHERE ek_digest = ?');
const listEks = statement<RegisteredEkRow>(
  'SELECT * FROM registered_eks WHERE ek_digest > ? ORDER BY ek_digest LIMIT ?',
);
const insertEk = statement('INSERT INTO registered_eks VALUES (?, ?, ?, ?)');
const removeEk = statement('DELETE FROM registered_eks WHERE ek_digest = ?');
const rivals = statement(
  `SELECT 1 FROM endorsement_keys WHERE ek_digest = $ek AND (host_id <> $name OR retired_at IS NOT NULL)
   UNION ALL SELECT 1 FROM hosts WHERE id = $name AND state = 'active' AND ek_digest <> $ek
   UNION ALL SELECT 1 FROM registered_eks WHERE host_id = $name AND ek_digest <> $digest`,
);

function openRegisteredEkTable(database: Database): RegisteredEkMethods {
  return {
    findRegisteredEk: async (digest) => {
      const row = await database.get(findEk, digest);
      return row && registeredEkOf(row);
    },
    listRegisteredEks: async ({ after, limit }) =>
      (await database.all(listEks, after ?? '', limit)).map(registeredEkOf),
    registerEk: ({ ekDigest, label, hostId, createdAt }, draft) =>
      database.transact(async (tx) => {
        if ((await tx.get(findEk, ekDigest)) !== undefined) return 'known';
        if (hostId !== undefined && (await contradicts(tx, ekDigest, hostId))) return 'conflict';
        await tx.run(insertEk, ekDigest, label, hostId ?? null, createdAt);
        await tx.audit(draft);
        return 'registered';
      }),
    unregisterEk: (digest, draft) =>
      database.transactFleet(async (tx) =>
        (await tx.run(removeEk, digest)) === 0 ? undefined : endEndorsements(tx, digest, draft),
      ),
  };
}

async function contradicts(sql: Sql, digest: string, name: string): Promise<boolean> {
  return (await sql.get(rivals, { ek: decodeHex(digest), digest, name })) !== undefined;
}

const setEndorser = statement(
  `UPDATE hosts SET endorser_id = ?, endorser = ?
   WHERE id = ? AND epoch = ? AND state = 'active' AND endorser_id IS NULL`,
);

function openHostEndorser(database: Database): Pick<Store, 'setHostEndorser'> {
  return {
    setHostEndorser: (hostId, { epoch, trustRevision: revision, endorser }, draft) =>
      database.transactHost(hostId, async (tx) => {
        // A list may have come that revokes what was found.
        if ((await trustRevision(tx)) !== revision || !(await isStanding(tx, endorser))) return false;
        if ((await tx.run(setEndorser, endorser.id, endorser.name, hostId, epoch)) === 0) return false;
        await tx.audit(draft);
        return true;
      }),
  };
}
