// Intermediates: the pool of them, where they may be fetched from, and which are missing.
import type { IntermediateRecord, IntermediateSourceRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { changeTrust } from '../database.ts';
import { bytesOf, type CountRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

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

type PoolMethods = Pick<Store, 'listIntermediates' | 'addIntermediates' | 'removeIntermediate'>;
type SourceMethods = Pick<
  Store,
  'listIntermediateSources' | 'saveIntermediateSource' | 'noteIntermediateSource' | 'removeIntermediateSource'
>;
type MissingMethods = Pick<Store, 'listMissingIntermediates' | 'noteMissingIntermediate'>;

export function openIntermediateTables(database: Database): PoolMethods & SourceMethods & MissingMethods {
  return { ...openPool(database), ...openSources(database), ...openMissing(database) };
}

const list = statement<IntermediateRow>('SELECT * FROM intermediates ORDER BY stored_at, id');
const find = statement('SELECT id FROM intermediates WHERE id = ?');
const count = statement<CountRow>('SELECT count(*) AS count FROM intermediates WHERE not_after >= ?');
const dropEnded = statement('DELETE FROM intermediates WHERE not_after < ?');
const insert = statement('INSERT INTO intermediates VALUES (?, ?, ?, ?, ?)');
const remove = statement('DELETE FROM intermediates WHERE id = ?');

function openPool(database: Database): PoolMethods {
  return {
    listIntermediates: async () => (await database.all(list)).map(intermediateOf),
    addIntermediates: (records, { maximum, audit: draft }) =>
      database.transact(async (tx) => {
        const added: IntermediateRecord[] = [];
        for (const record of records) if ((await tx.get(find, record.id)) === undefined) added.push(record);
        if (((await tx.get(count, draft.at))?.count ?? 0) + added.length > maximum) return 'full';
        if (((await tx.get(count, 0))?.count ?? 0) + added.length > maximum) await tx.run(dropEnded, draft.at);
        for (const { id, certificate, notAfter, url, storedAt } of added) {
          await tx.run(insert, id, certificate, notAfter, url ?? null, storedAt);
          await changeTrust(tx, { ...draft, subject: id });
        }
        return added;
      }),
    removeIntermediate: (id, draft) =>
      database.transact(async (tx) => {
        const isRemoved = (await tx.run(remove, id)) > 0;
        if (isRemoved) await changeTrust(tx, draft);
        return isRemoved;
      }),
  };
}

const listSources = statement<SourceRow>('SELECT * FROM intermediate_sources ORDER BY url');
const others = statement<CountRow>('SELECT count(*) AS count FROM intermediate_sources WHERE id <> ?');
const saveSource = statement(
  `INSERT INTO intermediate_sources VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET url = excluded.url,
   key_id = excluded.key_id, name = excluded.name, created_at = excluded.created_at, asked_at = excluded.asked_at,
   failure = excluded.failure`,
);
const noteSource = statement('UPDATE intermediate_sources SET asked_at = ?, failure = ? WHERE id = ?');
const removeSource = statement('DELETE FROM intermediate_sources WHERE id = ?');

function openSources(database: Database): SourceMethods {
  return {
    listIntermediateSources: async () => (await database.all(listSources)).map(sourceOf),
    saveIntermediateSource: ({ id, url, keyIdHex, name, createdAt, askedAt, failure }, { maximum, audit: draft }) =>
      database.transact(async (tx) => {
        if (((await tx.get(others, id))?.count ?? 0) >= maximum) return 'full';
        await tx.run(saveSource, id, url, keyIdHex ?? null, name ?? null, createdAt, askedAt ?? null, failure ?? null);
        await tx.audit(draft);
        return 'saved';
      }),
    noteIntermediateSource: async (id, askedAt, failure) => {
      await database.run(noteSource, askedAt, failure ?? null, id);
    },
    removeIntermediateSource: (id, draft) =>
      database.transact(async (tx) => {
        const isRemoved = (await tx.run(removeSource, id)) > 0;
        if (isRemoved) await tx.audit(draft);
        return isRemoved;
      }),
  };
}

const listMissing = statement<MissingRow>('SELECT * FROM missing_intermediates ORDER BY last_at DESC, name, key_id');
const noteMissing = statement(
  `INSERT INTO missing_intermediates VALUES (?, ?, ?, ?)
   ON CONFLICT (name, key_id) DO UPDATE SET last_at = excluded.last_at`,
);
const trimMissing = statement(
  `DELETE FROM missing_intermediates WHERE (name, key_id) NOT IN
   (SELECT name, key_id FROM missing_intermediates ORDER BY last_at DESC, name, key_id LIMIT ?)`,
);

function openMissing(database: Database): MissingMethods {
  return {
    listMissingIntermediates: async () =>
      (await database.all(listMissing)).map(({ name, key_id: keyId, first_at: firstAt, last_at: lastAt }) => ({
        name,
        keyIdHex: keyId === '' ? undefined : keyId,
        firstAt,
        lastAt,
      })),
    noteMissingIntermediate: ({ name, keyIdHex }, { at, maximum }) =>
      database.transact(async (tx) => {
        await tx.run(noteMissing, name, keyIdHex ?? '', at, at);
        await tx.run(trimMissing, maximum);
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
