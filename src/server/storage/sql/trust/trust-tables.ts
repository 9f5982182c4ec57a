// Signers and policies.
import type { Store } from '../../store.ts';
import { changeTrust } from '../database.ts';
import { policyOf, signerOf, type PolicyRow, type SignerRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

const listSigners = statement<SignerRow>('SELECT * FROM signers WHERE removed_at IS NULL ORDER BY name, keyid');
const findSigner = statement<SignerRow>('SELECT * FROM signers WHERE keyid = ?');
const insertSigner = statement(
  `INSERT INTO signers (keyid, name, public_key_pem, layers, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const removeSigner = statement('UPDATE signers SET removed_at = ? WHERE keyid = ? AND removed_at IS NULL');

export function openSignerTable(database: Database): Pick<Store, 'listSigners' | 'addSigner' | 'removeSigner'> {
  return {
    listSigners: async () => (await database.all(listSigners)).map(signerOf),
    addSigner: ({ keyid, name, publicKeyPem, layers, createdAt }, draft) =>
      database.transact(async (tx) => {
        const layerText = layers === undefined ? null : JSON.stringify(layers);
        if ((await tx.run(insertSigner, keyid, name, publicKeyPem, layerText, createdAt)) === 0) {
          return (await tx.get(findSigner, keyid))?.removed_at === null ? 'exists' : 'removed';
        }
        await changeTrust(tx, draft);
        return 'added';
      }),
    removeSigner: (keyid, { revision, audit: draft }) =>
      database.transact(async (tx) => {
        if ((await tx.run(removeSigner, draft.at, keyid)) === 0) return false;
        await changeTrust(tx, draft, revision);
        return true;
      }),
  };
}

const listPolicies = statement<PolicyRow>(
  'SELECT * FROM policies p WHERE version = (SELECT max(version) FROM policies WHERE id = p.id) ORDER BY id',
);
const findPolicy = statement<PolicyRow>('SELECT * FROM policies WHERE id = ? ORDER BY version DESC LIMIT 1');
const insertPolicy = statement('INSERT INTO policies VALUES (?, ?, ?, ?, ?)');

export function openPolicyTable(database: Database): Pick<Store, 'listPolicies' | 'findPolicy' | 'savePolicy'> {
  return {
    listPolicies: async () => (await database.all(listPolicies)).map(policyOf),
    findPolicy: async (id) => {
      const row = await database.get(findPolicy, id);
      return row && policyOf(row);
    },
    savePolicy: ({ id, document, hosts, createdAt }, { revision, audit: draft }) =>
      database.transact(async (tx) => {
        const version = ((await tx.get(findPolicy, id))?.version ?? 0) + 1;
        await tx.run(insertPolicy, id, version, JSON.stringify(document), JSON.stringify(hosts), createdAt);
        await changeTrust(tx, { ...draft, details: { ...draft.details, version } }, revision);
        return version;
      }),
  };
}
