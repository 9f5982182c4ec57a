// What somebody does who can write to the database: history is changed, and the chain of hashes is made anew so that it holds.
import Database from 'better-sqlite3';
import { join } from 'node:path';
import pg from 'pg';
import { chainEntry } from '../../src/server/audit/audit-chain.ts';
import { openReader, type AuditRecord } from '../../src/server/storage/index.ts';
import { postgresAt } from './postgres.ts';

/** Where the log is: the data directory, or the URL of PostgreSQL. */
export interface LogPlace {
  readonly dataDirectory: string;
  readonly storage?: string | undefined;
}

/** `undefined` takes an entry out; those behind it move up. No server may run over it. */
export async function rewriteAudit(
  place: LogPlace,
  change: (entry: AuditRecord) => AuditRecord | undefined,
): Promise<void> {
  const entries = await readAudit(place);
  let last: AuditRecord | undefined;
  const rewritten = entries.flatMap((entry) => {
    const changed = change(entry);
    if (changed === undefined) return [];
    last = chainEntry(changed, last);
    return [last];
  });
  await replaceAudit(place, rewritten);
}

export async function readAudit({ dataDirectory, storage }: LogPlace): Promise<readonly AuditRecord[]> {
  const store = await openReader({ dataDirectory, storage: storage === undefined ? 'sqlite' : postgresAt(storage) });
  const entries = await store.listAudit(0, 10_000);
  await store.close();
  return entries;
}

/** The log as it was at an earlier time, or any other. */
export async function replaceAudit(place: LogPlace, entries: readonly AuditRecord[]): Promise<void> {
  const rows = entries.map(({ sequence, at, actor, action, subject, details, previousHash, hash }) => {
    return [
      sequence,
      at,
      actor,
      action,
      subject,
      JSON.stringify(details),
      Buffer.from(previousHash),
      Buffer.from(hash),
    ];
  });
  if (place.storage === undefined) replaceInSqlite(place.dataDirectory, rows);
  else await replaceInPostgres(place.storage, rows);
}

type Row = readonly unknown[];

function replaceInSqlite(dataDirectory: string, rows: readonly Row[]): void {
  const database = new Database(join(dataDirectory, 'touchstone.db'));
  database.exec(
    'DROP TRIGGER audit_is_append_only_update; DROP TRIGGER audit_is_append_only_delete; DELETE FROM audit',
  );
  const insert = database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const row of rows) insert.run(...row);
  database.exec(triggers);
  database.close();
}

const triggers = `
  CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
  CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
`;

async function replaceInPostgres(url: string, rows: readonly Row[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('ALTER TABLE audit DISABLE TRIGGER USER; DELETE FROM audit');
  for (const row of rows) await client.query('INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [...row]);
  await client.query('ALTER TABLE audit ENABLE TRIGGER USER');
  await client.end();
}
