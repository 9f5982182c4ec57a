// Who may vouch for a TPM: trust anchors, and endorsement keys that operators registered.
import { decodeHex } from '../../../core/encoding/index.ts';
import type { AuditDraft, Endorser } from '../records.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import { anchorOf, registeredEkOf, type AnchorRow, type RegisteredEkRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

type EndorserMethods = Pick<
  SyncStore,
  | 'listAnchors'
  | 'addAnchor'
  | 'importAnchorBundle'
  | 'withdrawAnchor'
  | 'activateAnchor'
  | 'findRegisteredEk'
  | 'listRegisteredEks'
  | 'registerEk'
  | 'unregisterEk'
  | 'setHostEndorser'
>;

export function openEndorserTables(tables: Tables): EndorserMethods {
  return { ...openAnchorTable(tables), ...openRegisteredEkTable(tables), ...openHostEndorser(tables) };
}

function openAnchorTable(
  tables: Tables,
): Pick<EndorserMethods, 'listAnchors' | 'addAnchor' | 'importAnchorBundle' | 'withdrawAnchor' | 'activateAnchor'> {
  const { database, transact, audit } = tables;
  const list = database.prepare<[], AnchorRow>('SELECT * FROM anchors ORDER BY name, id');
  // Whoever trusts a withdrawn anchor again says so by adding it again.
  const insert = database.prepare(
    `INSERT INTO anchors (id, name, scope, certificate, revocation, staged, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, scope = excluded.scope, created_at = excluded.created_at,
     revocation = excluded.revocation, staged = excluded.staged, withdrawn_at = NULL, withdraw_reason = NULL
     WHERE withdrawn_at IS NOT NULL`,
  );
  const has = database.prepare<[string], number>('SELECT 1 FROM anchors WHERE id = ?').pluck();
  const lastBundle = database.prepare<[], string>("SELECT value FROM meta WHERE key = 'anchor_bundle'").pluck();
  const saveBundle = database.prepare(
    "INSERT INTO meta VALUES ('anchor_bundle', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const activate = database.prepare(
    'UPDATE anchors SET staged = 0 WHERE id = ? AND staged = 1 AND withdrawn_at IS NULL',
  );
  const withdraw = database.prepare(
    'UPDATE anchors SET withdrawn_at = ?, withdraw_reason = ? WHERE id = ? AND withdrawn_at IS NULL',
  );
  const endEndorsements = openEndorsementEnd(tables);
  const changed = (draft: AuditDraft): void => {
    tables.raiseTrustRevision();
    audit(draft);
  };
  return {
    listAnchors: () => list.all().map(anchorOf),
    addAnchor: ({ id, name, scope, certificate, revocation, staged, createdAt }, draft) =>
      transact(() => {
        const isNew = insert.run(id, name, scope, certificate, revocation, staged ? 1 : 0, createdAt).changes > 0;
        if (isNew) changed(draft);
        return isNew;
      }),
    importAnchorBundle: (sequence, anchors, draft) =>
      transact(() => {
        if (sequence <= Number(lastBundle.get() ?? 0)) return 'older';
        saveBundle.run(String(sequence));
        changed(draft);
        const added = anchors.filter(({ record }) => has.get(record.id) === undefined);
        for (const { record, details } of added) {
          const { id, name, scope, certificate, revocation, staged, createdAt } = record;
          insert.run(id, name, scope, certificate, revocation, staged ? 1 : 0, createdAt);
          const action = staged ? 'trust-anchor.staged' : 'trust-anchor.added';
          audit({
            ...draft,
            action,
            subject: name,
            details: { certificate: id, scope, revocation, bundle: sequence, ...details },
          });
        }
        return added.map(({ record }) => record);
      }),
    activateAnchor: (id, draft) =>
      transact(() => {
        const isStaged = activate.run(id).changes > 0;
        if (isStaged) changed(draft);
        return isStaged;
      }),
    withdrawAnchor: (id, { reason, audit: draft }) =>
      transact(() => {
        if (withdraw.run(draft.at, reason, id).changes === 0) return undefined;
        return endEndorsements(id, draft);
      }),
  };
}

function openRegisteredEkTable(
  tables: Tables,
): Pick<EndorserMethods, 'findRegisteredEk' | 'listRegisteredEks' | 'registerEk' | 'unregisterEk'> {
  const { database, transact, audit } = tables;
  const find = database.prepare<[string], RegisteredEkRow>('SELECT * FROM registered_eks WHERE ek_digest = ?');
  const list = database.prepare<[string, number], RegisteredEkRow>(
    'SELECT * FROM registered_eks WHERE ek_digest > ? ORDER BY ek_digest LIMIT ?',
  );
  const insert = database.prepare('INSERT INTO registered_eks VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM registered_eks WHERE ek_digest = ?');
  const rivals = database.prepare<{ readonly ek: Uint8Array; readonly digest: string; readonly name: string }, number>(
    `SELECT 1 FROM endorsement_keys WHERE ek_digest = $ek AND (host_id <> $name OR retired_at IS NOT NULL)
     UNION ALL SELECT 1 FROM hosts WHERE id = $name AND state = 'active' AND ek_digest <> $ek
     UNION ALL SELECT 1 FROM registered_eks WHERE host_id = $name AND ek_digest <> $digest`,
  );
  const contradicts = (digest: string, name: string): boolean =>
    rivals.get({ ek: decodeHex(digest), digest, name }) !== undefined;
  const endEndorsements = openEndorsementEnd(tables);
  return {
    findRegisteredEk: (digest) => {
      const row = find.get(digest);
      return row && registeredEkOf(row);
    },
    listRegisteredEks: ({ after, limit }) => list.all(after ?? '', limit).map(registeredEkOf),
    registerEk: ({ ekDigest, label, hostId, createdAt }, draft) =>
      transact(() => {
        if (find.get(ekDigest) !== undefined) return 'known';
        if (hostId !== undefined && contradicts(ekDigest, hostId)) return 'conflict';
        insert.run(ekDigest, label, hostId ?? null, createdAt);
        audit(draft);
        return 'registered';
      }),
    unregisterEk: (digest, draft) =>
      transact(() => (remove.run(digest).changes === 0 ? undefined : endEndorsements(digest, draft))),
  };
}

function openHostEndorser({ database, transact, audit }: Tables): Pick<EndorserMethods, 'setHostEndorser'> {
  const isStanding = openStandingCheck(database);
  const set = database.prepare(
    `UPDATE hosts SET endorser_id = ?, endorser = ?
     WHERE id = ? AND epoch = ? AND state = 'active' AND endorser_id IS NULL`,
  );
  return {
    setHostEndorser: (hostId, epoch, endorser, draft) =>
      transact(() => {
        if (!isStanding(endorser) || set.run(endorser.id, endorser.name, hostId, epoch).changes === 0) return false;
        audit(draft);
        return true;
      }),
  };
}

/** Whether an endorser that was found a moment ago may still vouch; inside the transaction that relies on it. */
export function openStandingCheck(database: Tables['database']): (endorser: Endorser) => boolean {
  const find = database.prepare<[string, string]>(
    `SELECT 1 FROM anchors WHERE id = ? AND withdrawn_at IS NULL AND staged = 0
     UNION ALL SELECT 1 FROM registered_eks WHERE ek_digest = ?`,
  );
  return ({ id }) => find.get(id, id) !== undefined;
}

/** Ends everything an endorser vouched for: its hosts have nobody now, and their verdicts are void. Returns how many. */
function openEndorsementEnd(tables: Tables): (endorserId: string, draft: AuditDraft) => number {
  const { database, audit } = tables;
  const endorsed = database.prepare<[string], string>('SELECT id FROM hosts WHERE endorser_id = ? ORDER BY id').pluck();
  const clear = database.prepare('UPDATE hosts SET endorser_id = NULL, endorser = NULL WHERE endorser_id = ?');
  const voidVerdict = openVerdictVoiding(tables);
  const certificates = openAkCertificateTable(tables);
  const code = 'ENDORSEMENT_WITHDRAWN';
  const message = 'whoever vouched for the TPM was withdrawn';
  return (endorserId, draft) => {
    const { at, actor } = draft;
    const hosts = endorsed.all(endorserId);
    clear.run(endorserId);
    for (const host of hosts) certificates.revokeOf(host, at, 'privilegeWithdrawn');
    // An appraisal that is under way must not end with the old endorsement.
    tables.raiseTrustRevision();
    audit({ ...draft, details: { ...draft.details, hosts: hosts.length } });
    for (const host of hosts) {
      if (!voidVerdict(host, { at, code, message })) continue;
      audit({ at, actor, action: 'verdict.voided', subject: host, details: { code, endorser: endorserId } });
    }
    return hosts.length;
  };
}
