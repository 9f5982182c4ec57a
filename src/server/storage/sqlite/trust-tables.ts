// Signers, policies and the audit log.
import { auditOf, policyOf, signerOf, type AuditRow, type PolicyRow, type SignerRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

export function openSignerTable({
  database,
  transact,
  audit,
  raiseTrustRevision,
}: Tables): Pick<SyncStore, 'listSigners' | 'addSigner'> {
  const list = database.prepare<[], SignerRow>('SELECT * FROM signers ORDER BY name, keyid');
  const insert = database.prepare('INSERT OR IGNORE INTO signers VALUES (?, ?, ?, ?, ?)');
  return {
    listSigners: () => list.all().map(signerOf),
    addSigner: ({ keyid, name, publicKeyPem, layers, createdAt }, draft) =>
      transact(() => {
        const layerText = layers === undefined ? null : JSON.stringify(layers);
        if (insert.run(keyid, name, publicKeyPem, layerText, createdAt).changes === 0) return false;
        raiseTrustRevision();
        audit(draft);
        return true;
      }),
  };
}

export function openPolicyTable({
  database,
  transact,
  audit,
  raiseTrustRevision,
}: Tables): Pick<SyncStore, 'listPolicies' | 'findPolicy' | 'savePolicy'> {
  const list = database.prepare<[], PolicyRow>(
    'SELECT * FROM policies p WHERE version = (SELECT max(version) FROM policies WHERE id = p.id) ORDER BY id',
  );
  const find = database.prepare<[string], PolicyRow>(
    'SELECT * FROM policies WHERE id = ? ORDER BY version DESC LIMIT 1',
  );
  const insert = database.prepare('INSERT INTO policies VALUES (?, ?, ?, ?, ?)');
  return {
    listPolicies: () => list.all().map(policyOf),
    findPolicy: (id) => {
      const row = find.get(id);
      return row && policyOf(row);
    },
    savePolicy: ({ id, document, hosts, createdAt }, draft) =>
      transact(() => {
        const version = (find.get(id)?.version ?? 0) + 1;
        insert.run(id, version, JSON.stringify(document), JSON.stringify(hosts), createdAt);
        raiseTrustRevision();
        audit({ ...draft, details: { ...draft.details, version } });
        return version;
      }),
  };
}

type AuditMethods = Pick<SyncStore, 'appendAudit' | 'listAudit' | 'lastAuditSequence'>;

export function openAuditTable({ database, transact, audit }: Tables): AuditMethods {
  const list = database.prepare<[number, number], AuditRow>(
    'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?',
  );
  const last = database.prepare<[], number>('SELECT max(sequence) FROM audit').pluck();
  return {
    appendAudit: (draft) => {
      transact(() => audit(draft));
    },
    lastAuditSequence: () => last.get() ?? 0,
    listAudit: (after, limit) => list.all(after, limit).map(auditOf),
  };
}
