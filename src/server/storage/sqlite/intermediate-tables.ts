// Intermediates: the pool of them, where they may be fetched from, and which are missing.
import type { AuditDraft, IntermediateRecord, IntermediateSourceRecord } from '../records.ts';
import { bytesOf } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

interface IntermediateRow {
  readonly id: string;
  readonly certificate: Buffer;
  readonly not_after: number;
  readonly url: string | null;
  readonly stored_at: number;
}

interface SourceRow {
  readonly id: string;
  readonly url: string;
  readonly key_id: string | null;
  readonly name: string | null;
  readonly created_at: number;
  readonly asked_at: number | null;
  readonly failure: string | null;
}

interface MissingRow {
  readonly name: string;
  /** Empty where the certificate below named none. */
  readonly key_id: string;
  readonly first_at: number;
  readonly last_at: number;
}

type PoolMethods = Pick<SyncStore, 'listIntermediates' | 'addIntermediates' | 'removeIntermediate'>;
type SourceMethods = Pick<
  SyncStore,
  'listIntermediateSources' | 'saveIntermediateSource' | 'noteIntermediateSource' | 'removeIntermediateSource'
>;
type MissingMethods = Pick<SyncStore, 'listMissingIntermediates' | 'noteMissingIntermediate'>;

export function openIntermediateTables(tables: Tables): PoolMethods & SourceMethods & MissingMethods {
  return { ...openPool(tables), ...openSources(tables), ...openMissing(tables) };
}

function openPool(tables: Tables): PoolMethods {
  const { database, transact, audit } = tables;
  const list = database.prepare<[], IntermediateRow>('SELECT * FROM intermediates ORDER BY stored_at, id');
  const known = database.prepare<[string]>('SELECT 1 FROM intermediates WHERE id = ?');
  const count = database.prepare<[number], number>('SELECT count(*) FROM intermediates WHERE not_after >= ?').pluck();
  const dropEnded = database.prepare('DELETE FROM intermediates WHERE not_after < ?');
  const insert = database.prepare('INSERT INTO intermediates VALUES (?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM intermediates WHERE id = ?');
  const changed = (draft: AuditDraft): void => {
    tables.raiseTrustRevision();
    audit(draft);
  };
  return {
    listIntermediates: () => list.all().map(intermediateOf),
    addIntermediates: (records, { maximum, audit: draft }) =>
      transact(() => {
        const added = records.filter(({ id }) => known.get(id) === undefined);
        if ((count.get(draft.at) ?? 0) + added.length > maximum) return 'full';
        if ((count.get(0) ?? 0) + added.length > maximum) dropEnded.run(draft.at);
        for (const { id, certificate, notAfter, url, storedAt } of added) {
          insert.run(id, certificate, notAfter, url ?? null, storedAt);
          changed({ ...draft, subject: id });
        }
        return added;
      }),
    removeIntermediate: (id, draft) =>
      transact(() => {
        const isRemoved = remove.run(id).changes > 0;
        if (isRemoved) changed(draft);
        return isRemoved;
      }),
  };
}

function openSources({ database, transact, audit }: Tables): SourceMethods {
  const list = database.prepare<[], SourceRow>('SELECT * FROM intermediate_sources ORDER BY url');
  const others = database.prepare<[string], number>('SELECT count(*) FROM intermediate_sources WHERE id <> ?').pluck();
  const save = database.prepare('INSERT OR REPLACE INTO intermediate_sources VALUES (?, ?, ?, ?, ?, ?, ?)');
  const note = database.prepare('UPDATE intermediate_sources SET asked_at = ?, failure = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM intermediate_sources WHERE id = ?');
  return {
    listIntermediateSources: () => list.all().map(sourceOf),
    saveIntermediateSource: ({ id, url, keyIdHex, name, createdAt, askedAt, failure }, { maximum, audit: draft }) =>
      transact(() => {
        if ((others.get(id) ?? 0) >= maximum) return 'full';
        save.run(id, url, keyIdHex ?? null, name ?? null, createdAt, askedAt ?? null, failure ?? null);
        audit(draft);
        return 'saved';
      }),
    noteIntermediateSource: (id, askedAt, failure) => {
      note.run(askedAt, failure ?? null, id);
    },
    removeIntermediateSource: (id, draft) =>
      transact(() => {
        const isRemoved = remove.run(id).changes > 0;
        if (isRemoved) audit(draft);
        return isRemoved;
      }),
  };
}

function openMissing({ database, transact }: Tables): MissingMethods {
  const list = database.prepare<[], MissingRow>(
    'SELECT * FROM missing_intermediates ORDER BY last_at DESC, name, key_id',
  );
  const note = database.prepare(
    `INSERT INTO missing_intermediates VALUES (?, ?, ?, ?)
     ON CONFLICT (name, key_id) DO UPDATE SET last_at = excluded.last_at`,
  );
  const trim = database.prepare(
    `DELETE FROM missing_intermediates WHERE (name, key_id) IN
     (SELECT name, key_id FROM missing_intermediates ORDER BY last_at DESC, name, key_id LIMIT -1 OFFSET ?)`,
  );
  return {
    listMissingIntermediates: () =>
      list.all().map(({ name, key_id: keyId, first_at: firstAt, last_at: lastAt }) => ({
        name,
        keyIdHex: keyId === '' ? undefined : keyId,
        firstAt,
        lastAt,
      })),
    noteMissingIntermediate: ({ name, keyIdHex }, { at, maximum }) =>
      transact(() => {
        note.run(name, keyIdHex ?? '', at, at);
        trim.run(maximum);
      }),
  };
}

function intermediateOf(row: IntermediateRow): IntermediateRecord {
  return {
    id: row.id,
    certificate: bytesOf(row.certificate),
    notAfter: row.not_after,
    url: row.url ?? undefined,
    storedAt: row.stored_at,
  };
}

function sourceOf(row: SourceRow): IntermediateSourceRecord {
  return {
    id: row.id,
    url: row.url,
    keyIdHex: row.key_id ?? undefined,
    name: row.name ?? undefined,
    createdAt: row.created_at,
    askedAt: row.asked_at ?? undefined,
    failure: row.failure ?? undefined,
  };
}
