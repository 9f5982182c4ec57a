// What every table shares: transactions with the audit chain, and the revision of what trust rests on.
import { chainEntry } from '../../audit/audit-chain.ts';
import type { AuditDraft } from '../records.ts';
import type { RowMemory } from './row-memory.ts';
import { auditOf, type AuditRow } from './rows.ts';
import { statement, type Database, type Engine, type Sql, type Transaction } from './sql.ts';

const lastEntry = statement<AuditRow>('SELECT * FROM audit ORDER BY sequence DESC LIMIT 1');
const append = statement('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)');

interface Listeners {
  readonly memory: RowMemory;
  /** Called after each commit that appended to the audit log. */
  readonly onAudit: () => void;
}

export function openTransactions(
  { get, all, run, transact, orderAudit }: Engine,
  { memory, onAudit }: Listeners,
): Database {
  const audited = async <Result>(
    scope: string | undefined,
    work: (tx: Transaction) => Promise<Result>,
  ): Promise<Result> => {
    const appended: AuditDraft[] = [];
    const change = transact(scope, (sql) =>
      work({
        ...sql,
        audit: async (draft) => {
          appended.push(draft);
          await orderAudit(sql);
          await appendAudit(sql, draft);
        },
      }),
    );
    // Also when it failed: the answer to a commit can be lost.
    const result = await change.finally(() => memory.forget(scope));
    if (appended.length > 0) onAudit();
    return result;
  };
  return { get, all, run, recall: memory.recall, transact: (work) => audited(undefined, work), transactHost: audited };
}

async function appendAudit(sql: Sql, draft: AuditDraft): Promise<void> {
  const last = await sql.get(lastEntry);
  const { sequence, at, actor, action, subject, details, previousHash, hash } = chainEntry(
    draft,
    last && auditOf(last),
  );
  await sql.run(append, sequence, at, actor, action, subject, JSON.stringify(details), previousHash, hash);
}

const revision = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'trust_revision'");
const raise = statement("UPDATE meta SET value = CAST(value AS BIGINT) + 1 WHERE key = 'trust_revision'");

export async function trustRevision(sql: Sql): Promise<number> {
  return Number((await sql.get(revision))?.value);
}

/** Between two changes it is read once. */
export function recallTrustRevision(database: Database): Promise<number> {
  return database.recall({ name: 'trust revision' }, () => trustRevision(database));
}

export async function raiseTrustRevision(tx: Transaction): Promise<void> {
  await tx.run(raise);
}
