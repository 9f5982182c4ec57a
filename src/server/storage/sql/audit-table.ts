// The audit log: append, read in its order, and look for entries.
import type { AuditSearch } from '../records.ts';
import type { Store } from '../store.ts';
import { auditOf, bytesOf, type AuditRow } from './rows.ts';
import { statement, type Database, type Statement } from './sql.ts';

/** What is read at once ends with the entry that makes it so heavy: one may tell of ten thousand hosts by name. */
const heaviest = 4 * 1024 * 1024;

/** With what the entries before it weigh together, and itself. */
type WeighedRow = AuditRow & { readonly reached: number };

/** The first entries of `chosen`, which is a question with a limit for `sequence` and `weight`, as far as they are read at once. */
const readLight = (chosen: string, order: '' | ' DESC'): string => `
  WITH chosen AS (${chosen}),
  heaped AS (SELECT sequence, weight, sum(weight) OVER (ORDER BY sequence${order}) AS reached FROM chosen)
  SELECT audit.*, heaped.reached FROM heaped JOIN audit ON audit.sequence = heaped.sequence
  WHERE heaped.reached - heaped.weight < ${heaviest} ORDER BY audit.sequence${order}`;

/** Without reading the text itself. */
const weighed = 'sequence, octet_length(details) AS weight';

const listEntries = statement<WeighedRow>(
  readLight(`SELECT ${weighed} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`, ''),
);
const listHashes = statement<Pick<AuditRow, 'hash'>>(
  'SELECT hash FROM audit WHERE sequence > ? AND sequence <= ? ORDER BY sequence',
);
const lastSequence = statement<{ readonly last: number | null }>('SELECT max(sequence) AS last FROM audit');

/** Who acts without being told: whoever is not listed counts as somebody. */
const isMachine =
  "actor IN ('server', 'stranger', 'revocation list refresher', 'intermediate fetcher') OR actor LIKE 'host %' OR actor LIKE 'rollout %'";

/** Entries of a stretch of the log that are as asked for. One text for each engine, order, and whether a subject is named: by then the
 * index of subjects is used, whatever the stretch. */
function searchBy(order: AuditSearch['order'], isOfSubject: boolean): Statement<WeighedRow> {
  const direction = order === 'newest' ? ' DESC' : '';
  const choice = (listed: (place: string) => string): string => `
    SELECT ${weighed} FROM audit WHERE sequence > $after AND sequence < $before${isOfSubject ? ' AND subject = $subject' : ''}
    AND at >= $since AND at < $until
    AND ($anyAction = 1 OR action IN (${listed('$actions')}))
    AND ($anyActor = 1 OR actor IN (${listed('$actors')}))
    AND ($byPeople = 0 OR NOT (${isMachine}))
    ORDER BY sequence${direction} LIMIT $limit`;
  const text = (listed: (place: string) => string): string => readLight(choice(listed), direction);
  return statement<WeighedRow>({
    sqlite: text((place) => `SELECT value FROM json_each(${place})`),
    postgres: text((place) => `SELECT json_array_elements_text(CAST(${place} AS json))`),
  });
}
const searches = {
  newest: { all: searchBy('newest', false), ofSubject: searchBy('newest', true) },
  oldest: { all: searchBy('oldest', false), ofSubject: searchBy('oldest', true) },
} as const;
const tokensNamed = statement<{ readonly id: string }>(
  'SELECT id FROM tokens WHERE name = ? AND host_id IS NULL ORDER BY created_at DESC, id LIMIT 1000',
);

type AuditMethods = Pick<Store, 'appendAudit' | 'listAudit' | 'listAuditHashes' | 'searchAudit' | 'lastAuditSequence'>;

export function openAuditTable(database: Database): AuditMethods {
  return {
    appendAudit: (draft) => database.transactHost(draft.subject, (tx) => tx.audit(draft)),
    lastAuditSequence: async () => (await database.get(lastSequence))?.last ?? 0,
    listAudit: async (after, limit) => (await database.all(listEntries, after, limit)).map(auditOf),
    listAuditHashes: async (after, limit) =>
      (await database.all(listHashes, after, after + limit)).map(({ hash }) => bytesOf(hash)),
    searchAudit: async ({ after, before, order, filter }, limit) => {
      const { subject, actor, actions, since, until, byPeople } = filter;
      const values = {
        ...{ after, before, since, until, limit },
        ...(subject === undefined ? {} : { subject }),
        anyAction: actions.length === 0 ? 1 : 0,
        actions: JSON.stringify(actions),
        anyActor: actor === undefined ? 1 : 0,
        actors: JSON.stringify(actor === undefined ? [] : await actorsCalled(database, actor)),
        byPeople: byPeople ? 1 : 0,
      };
      const { all, ofSubject } = searches[order];
      const rows = await database.all(subject === undefined ? all : ofSubject, values);
      return { entries: rows.map(auditOf), isCut: (rows.at(-1)?.reached ?? 0) >= heaviest };
    },
  };
}

/** As the log may have somebody: by the whole of it, by the id of a token, or by the name of a token, client or host. */
async function actorsCalled(database: Database, text: string): Promise<readonly string[]> {
  const tokens = await database.all(tokensNamed, text);
  return [text, `client ${text}`, `host ${text}`, ...[text, ...tokens.map(({ id }) => id)].map((id) => `token ${id}`)];
}
