// Golden measurements with their signatures, and what their end does to verdicts.
import type { AuditDraft, GoldenRecord, GoldenSignatureRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { changeTrust } from '../database.ts';
import { bytesOf, goldenHeadOf, goldenOf, type GoldenRow } from '../rows.ts';
import { readAll } from '../pages.ts';
import { statement, type Database, type Sql, type SqlValue, type Statement, type Transaction } from '../sql.ts';
import { auditVoided, voidVerdicts } from '../attestations/verdict-voiding.ts';

type GoldenMethods = Pick<
  Store,
  'listGoldens' | 'listGoldensByState' | 'listGoldenHeads' | 'findGolden' | 'saveGolden' | 'endGolden'
>;

interface SignatureRow {
  readonly golden_id: string;
  readonly sig: Buffer;
  readonly keyid: string | null;
}

/** Golden measurements, and their signatures. */
interface Selection {
  readonly goldens: Statement<GoldenRow>;
  readonly signatures: Statement<SignatureRow>;
}

function select(condition: string): Selection {
  return {
    goldens: statement(`SELECT * FROM goldens WHERE ${condition}`),
    signatures: statement(
      `SELECT golden_id, sig, keyid FROM golden_signatures
       WHERE golden_id IN (SELECT id FROM goldens WHERE ${condition}) ORDER BY golden_id, sig`,
    ),
  };
}

const byId = select('id = ?');
const byState = select('state = ? ORDER BY id');
const byPage = select('id > ? ORDER BY id LIMIT ?');
const headsByState = statement<Omit<GoldenRow, 'payload'>>(
  `SELECT id, layer, name, state, proposed_at, activated_at, ended_at, end_reason, cve, ended_by
   FROM goldens WHERE state = ? ORDER BY id`,
);
const insert = statement(
  `INSERT INTO goldens (id, layer, name, state, payload, proposed_at) VALUES (?, ?, ?, 'proposed', ?, ?)
   ON CONFLICT DO NOTHING`,
);
const insertSignature = statement('INSERT INTO golden_signatures VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
const activate = statement("UPDATE goldens SET state = 'active', activated_at = ? WHERE id = ? AND state = 'proposed'");
// Somebody may have revoked it since it was looked at: who retires takes no revocation back.
const setEnd = statement(
  `UPDATE goldens SET state = $state, ended_at = $at, end_reason = $reason, cve = $cve, ended_by = $actor
   WHERE id = $id AND state <> 'revoked' AND state <> $state`,
);

export function openGoldenTables(database: Database): GoldenMethods {
  return {
    listGoldens: ({ after, limit }) => read(database, byPage, after ?? '', limit),
    listGoldensByState: (state) => read(database, byState, state),
    listGoldenHeads: async (state) => (await database.all(headsByState, state)).map(goldenHeadOf),
    findGolden: async (id) => (await read(database, byId, id))[0],
    saveGolden: ({ id, layer, name, payload, signatures, at, revision }, decide) =>
      database.transact(async (tx) => {
        await tx.run(insert, id, layer, name, payload, at);
        const before = await current(tx, id);
        if (before.state === 'retired' || before.state === 'revoked') return 'ended';
        for (const { sig, keyid } of signatures) await tx.run(insertSignature, id, sig, keyid ?? null);
        const decision = decide(await current(tx, id), before);
        if (decision.state === 'active') await tx.run(activate, at, id);
        await changeTrust(tx, decision.audit, revision);
        return current(tx, id);
      }),
    endGolden: (id, { state, reason, cve, revision, audit: draft }) =>
      database.transactFleet(async (tx) => {
        if (!(await end(tx, id, { state, reason, cve, audit: draft }))) return 'ended';
        await changeTrust(tx, draft, revision);
        return state === 'revoked' ? voidResting(tx, id, draft) : 0;
      }),
  };
}

async function read(sql: Sql, selection: Selection, ...values: readonly SqlValue[]): Promise<readonly GoldenRecord[]> {
  const goldens = await sql.all(selection.goldens, ...values);
  const signatures = await sql.all(selection.signatures, ...values);
  const byGolden = new Map<string, GoldenSignatureRecord[]>();
  for (const { golden_id: id, sig, keyid } of signatures) {
    const own = byGolden.get(id) ?? [];
    own.push({ sig: bytesOf(sig), keyid: keyid ?? undefined });
    byGolden.set(id, own);
  }
  return goldens.map((row) => goldenOf(row, byGolden.get(row.id) ?? []));
}

async function current(tx: Transaction, id: string): Promise<GoldenRecord> {
  const [golden] = await read(tx, byId, id);
  if (golden === undefined) throw new TypeError(`${id} is not stored`);
  return golden;
}

const resting = statement<{ readonly id: string }>(
  'SELECT host_id AS id FROM verdict_goldens WHERE golden_id = ? AND host_id > ? ORDER BY host_id LIMIT ?',
);

/** Retires the subject of the entry within another change. Does nothing where it is retired or revoked already. */
export async function retireGolden(tx: Transaction, reason: string, audit: AuditDraft): Promise<void> {
  if (await end(tx, audit.subject, { state: 'retired', reason, cve: undefined, audit })) await tx.audit(audit);
}

async function end(
  tx: Transaction,
  id: string,
  { state, reason, cve, audit: { at, actor } }: Omit<Parameters<Store['endGolden']>[1], 'revision'>,
): Promise<boolean> {
  return (await tx.run(setEnd, { id, state, at, reason, cve: cve ?? null, actor })) > 0;
}

/** Ends the verdicts that rest on a revoked golden measurement, each with its own audit entry. Returns how many. */
async function voidResting(tx: Transaction, golden: string, { at, actor }: AuditDraft): Promise<number> {
  const code = 'GOLDEN_MEASUREMENT_REVOKED';
  const message = `it rested on ${golden}, which was revoked`;
  const hosts = (await readAll((after, limit) => tx.all(resting, golden, after, limit))).map(({ id }) => id);
  const voided = await voidVerdicts(tx, hosts, { at, code, message });
  await auditVoided(tx, voided, () => ({ at, actor, details: { code, golden } }));
  return voided.length;
}
