// What every table of the store shares: the database, the audit chain, and the revision of what trust rests on.
import { chainEntry } from '../../audit/audit-chain.ts';
import type { AuditDraft, AuditRecord } from '../records.ts';
import type { Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';
import { auditOf, type AuditRow } from './rows.ts';

/** The store's methods as they are here: synchronous, because SQLite is. */
export type Synchronous<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};
export type SyncStore = Synchronous<Store>;

export interface Tables {
  readonly database: SqliteDatabase;
  /** Runs `work` in one durable transaction; whatever it throws undoes everything. */
  readonly transact: <Result>(work: () => Result) => Result;
  /** Appends to the audit chain; inside the transaction of the change. */
  readonly audit: (draft: AuditDraft) => void;
  readonly trustRevision: () => number;
  readonly raiseTrustRevision: () => void;
}

/** `onAudit` is called after each commit that appended to the audit log. */
export function openTables(database: SqliteDatabase, onAudit: () => void): Tables {
  const last = database.prepare<[], AuditRow>('SELECT * FROM audit ORDER BY sequence DESC LIMIT 1');
  const append = database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const revision = database.prepare<[], string>("SELECT value FROM meta WHERE key = 'trust_revision'").pluck();
  const raise = database.prepare("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'trust_revision'");
  let isAppended = false;
  return {
    database,
    transact: (work) => {
      const result = database.transaction(work).immediate();
      if (isAppended && !database.inTransaction) {
        isAppended = false;
        onAudit();
      }
      return result;
    },
    audit: (draft) => {
      isAppended = true;
      const row = last.get();
      insertAudit(chainEntry(draft, row && auditOf(row)), append);
    },
    trustRevision: () => Number(revision.get()),
    raiseTrustRevision: () => {
      raise.run();
    },
  };
}

function insertAudit(entry: AuditRecord, append: { run(...values: readonly unknown[]): unknown }): void {
  const { sequence, at, actor, action, subject, details, previousHash, hash } = entry;
  append.run(sequence, at, actor, action, subject, JSON.stringify(details), previousHash, hash);
}
