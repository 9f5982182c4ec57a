// What every table shares: transactions with the audit chain, and the revision of what trust rests on.
import { chainStart, chainText } from '../../audit/audit-chain.ts';
import { ServerError } from '../../errors.ts';
import type { Soon } from '../../soon.ts';
import type { AuditDraft } from '../records.ts';
import { inSlices } from './pages.ts';
import { trustRevisionSubject, type RowMemory } from './row-memory.ts';
import { call, statement, type Call, type Database, type Engine, type Sql, type Transaction } from './sql.ts';

interface Listeners {
  readonly memory: RowMemory;
  /** Called after each commit that appended to the audit log. */
  readonly onAudit: () => void;
}

export function openTransactions(
  { get, all, run, returning, ask, transact, change, orderAudit }: Engine,
  { memory, onAudit }: Listeners,
): Database {
  const audited = async <Result>(
    scope: string | undefined,
    work: (tx: Transaction) => Promise<Result>,
    isLong = false,
  ): Promise<Result> => {
    const appended: AuditDraft[] = [];
    const inside = (sql: Sql): Promise<Result> =>
      work({
        ...sql,
        audit: async (draft) => {
          appended.push(draft);
          // Without waiting between them.
          await Promise.all(appending(draft).map(({ statement: asked, values }) => sql.run(asked, ...values)));
        },
      });
    const changed = transact(scope, inside, isLong);
    // Also when it failed: the answer to a commit can be lost.
    const result = await changed.finally(() => memory.forget(scope));
    if (appended.length > 0) onAudit();
    return result;
  };
  const appending = (draft: AuditDraft): readonly Call[] => [
    ...(orderAudit === undefined ? [] : [call(orderAudit)]),
    appendingCall(draft),
  ];
  return {
    get,
    all,
    run,
    returning,
    ask,
    recall: memory.recall,
    transact: (work) => audited(undefined, work),
    transactFleet: (work) => audited(undefined, work, true),
    transactHost: (hostId, work) => audited(hostId, work),
    changeHost: async (hostId, plan, { audit: draft, amend }) => {
      const last = draft === undefined ? [] : appending(draft);
      const changed = change(hostId, async (sql) => [...(await plan(sql)), ...last]);
      const isChanged = await changed.catch((error: unknown) => {
        // The answer to a commit can be lost.
        memory.forget(hostId);
        throw error;
      });
      if (isChanged) memory.amend(hostId, amend);
      else memory.forget(hostId);
      if (isChanged && draft !== undefined) onAudit();
      return isChanged;
    },
  };
}

/** The database itself chains the entry to the last one, as `chainEntry` does: to ask for that one first would be one more round trip, in
 * which everybody else who appends would wait. */
const appendWith = (hashOf: (content: string) => string, hexOf: (bytes: string) => string): string => `
  INSERT INTO audit
  SELECT sequence + 1, CAST($at AS BIGINT), $actor, $action, $subject, $details, hash,
    ${hashOf(`$before || ${hexOf('hash')} || $between || (sequence + 1) || $behind`)}
  FROM (SELECT coalesce((SELECT sequence FROM audit ORDER BY sequence DESC LIMIT 1), 0) AS sequence,
    coalesce((SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1), $start) AS hash) AS last`;
const append = statement({
  // SQLite has no `sha256` of its own: see `openConnection`.
  sqlite: appendWith(
    (content) => `sha256(${content})`,
    (bytes) => `lower(hex(${bytes}))`,
  ),
  postgres: appendWith(
    (content) => `sha256(convert_to(${content}, 'UTF8'))`,
    (bytes) => `encode(${bytes}, 'hex')`,
  ),
});

function appendingCall(draft: AuditDraft): Call {
  const { at, actor, action, subject, details } = draft;
  return call(append, {
    at,
    actor,
    action,
    subject,
    details: JSON.stringify(details),
    start: chainStart,
    ...chainText(draft),
  });
}

export const findTrustRevision = statement<{ readonly value: string }>(
  "SELECT value FROM meta WHERE key = 'trust_revision'",
);
const raise = statement('UPDATE meta SET value = CAST(value AS BIGINT) + 1 WHERE key = ?');
// Neither ever falls: while their sum is the same, both are.
const findFleetRevision = statement<{ readonly value: number | string }>(
  "SELECT sum(CAST(value AS BIGINT)) AS value FROM meta WHERE key IN ('trust_revision', 'label_revision')",
);

export async function trustRevision(sql: Sql): Promise<number> {
  return Number((await sql.get(findTrustRevision))?.value);
}

/** Between two changes it is read once. */
export function recallTrustRevision(database: Database): Soon<number> {
  return database.recall(trustRevisionSubject, () => trustRevision(database));
}

export async function fleetRevision(sql: Sql): Promise<number> {
  return Number((await sql.get(findFleetRevision))?.value);
}

/** `from`: what the change was weighed under. Where trust or the labels of any host are others by now, nothing of the transaction is done.
 * @throws ServerError REQUEST_CONFLICT */
export async function raiseTrustRevision(tx: Transaction, from?: number): Promise<void> {
  if (from !== undefined && from !== (await fleetRevision(tx))) {
    throw new ServerError('REQUEST_CONFLICT', 'trust changed since the change was weighed; nothing was changed');
  }
  await tx.run(raise, 'trust_revision');
}

/** As `raiseTrustRevision`, and told in the audit log.
 * @throws ServerError REQUEST_CONFLICT */
export async function changeTrust(tx: Transaction, draft: AuditDraft, from?: number): Promise<void> {
  await raiseTrustRevision(tx, from);
  await tx.audit(draft);
}

/** For the labels of one host: an attestation rests on those of its own host alone, and demands them when it is recorded. */
export async function raiseLabelRevision(tx: Transaction): Promise<void> {
  await tx.run(raise, 'label_revision');
}

/** An entry about each of many hosts, in their order: the last thing of a transaction, as `Transaction.audit` is. The process does other
 * things meanwhile. */
export async function auditEach(
  tx: Transaction,
  hosts: readonly string[],
  entryOf: (host: string) => Omit<AuditDraft, 'subject'>,
): Promise<void> {
  await inSlices(hosts, async (slice) => {
    // Each is sent before any is answered.
    await Promise.all(slice.map((subject) => tx.audit({ ...entryOf(subject), subject })));
  });
}
