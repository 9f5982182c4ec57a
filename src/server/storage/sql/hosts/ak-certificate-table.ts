// Certificates of attestation keys that were issued and have not expired: what a revocation list can be made from.
import { parseCertificate } from '../../../../core/x509/index.ts';
import type { AkListRecord, IssuedAkCertificate } from '../../records.ts';
import type { Store } from '../../store.ts';
import { bytesOf } from '../rows.ts';
import { inSlices } from '../pages.ts';
import { call, statement, statementOfHosts, type Call, type Database, type Transaction } from '../sql.ts';

/** CRLReason. [RFC5280 §5.3.1] */
const crlReasons = { superseded: 4, cessationOfOperation: 5, privilegeWithdrawn: 9 } as const;

/** A list names a certificate at least once after its end. */
const keptAfterEndMs = 86_400_000;

const insert = statement('INSERT INTO ak_certificates VALUES (?, ?, ?, NULL, NULL, ?) ON CONFLICT DO NOTHING');
const clear = statement('DELETE FROM ak_certificates WHERE host_id = ? AND not_after < ?');

/** Remembers a certificate of a host and forgets those of it that have long expired. */
export function issuingAkCertificate(
  hostId: string,
  { serial, notAfter, issuer }: IssuedAkCertificate,
  at: number,
): readonly Call[] {
  return [call(clear, hostId, at - keptAfterEndMs), call(insert, serial, hostId, notAfter, issuer)];
}

// One that was issued before this table was made stands in the host alone.
const heldOnly = statementOfHosts<{ readonly id: string; readonly ak_certificate: Buffer }>(
  (listed) => `SELECT id, ak_certificate FROM hosts WHERE id IN (${listed}) AND length(ak_certificate) > 0
   AND NOT EXISTS (SELECT 1 FROM ak_certificates WHERE host_id = hosts.id)`,
);
const revoke = statementOfHosts(
  (listed) =>
    `UPDATE ak_certificates SET revoked_at = $at, reason = $reason WHERE host_id IN (${listed}) AND revoked_at IS NULL`,
);
// Rises with revocations: what comes to its end by itself may stay on a list.
const raise = statement(
  `INSERT INTO meta VALUES ('ak_revocations', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1`,
);
const take = statementOfHosts((listed) => `UPDATE hosts SET ak_certificate = $none WHERE id IN (${listed})`);

/** Revokes every certificate of the hosts, and takes the one they hold from them. The process does other things meanwhile. */
export async function revokeAkCertificates(
  tx: Transaction,
  hostIds: readonly string[],
  at: number,
  reason: keyof typeof crlReasons,
): Promise<void> {
  let revoked = 0;
  await inSlices(hostIds, async (slice) => {
    const hosts = JSON.stringify(slice);
    for (const { id, ak_certificate: held } of await tx.all(heldOnly, { hosts })) {
      const { serialHex, notAfter } = parseCertificate(bytesOf(held));
      await tx.run(insert, serialHex, id, notAfter.getTime(), null);
    }
    revoked += await tx.run(revoke, { hosts, at, reason: crlReasons[reason] });
    await tx.run(take, { hosts, none: new Uint8Array() });
  });
  // Once for all of them: PostgreSQL looks through each version of a row that one transaction writes again and again.
  if (revoked > 0) await tx.run(raise);
}

type IssuerMethods = Pick<
  Store,
  | 'akRevocationRevision'
  | 'listRevokedAkCertificates'
  | 'findLastAkList'
  | 'replaceLastAkList'
  | 'enterAkIssuer'
  | 'listAkIssuers'
>;

interface RevokedRow {
  readonly serial: string;
  readonly revoked_at: number;
  readonly reason: number;
}

interface AkIssuerRow {
  readonly id: string;
  readonly since: number;
  readonly until: number | null;
  readonly last_end: number | null;
}

const revision = statement<{ readonly value: string }>("SELECT value FROM meta WHERE key = 'ak_revocations'");
const revokedOf = (sign: string): string =>
  `SELECT serial, revoked_at, reason FROM ak_certificates
   WHERE revoked_at IS NOT NULL AND (${sign}issuer = ? OR ${sign}issuer IS NULL) AND ${sign}not_after >= ?
   ORDER BY revoked_at, serial`;
// By the index of those that were revoked, which are few: signs keep SQLite from the indexes of all.
const listRevoked = statement<RevokedRow>({ sqlite: revokedOf('+'), postgres: revokedOf('') });
const findLast = statement<{ readonly value: string }>('SELECT value FROM meta WHERE key = ?');
const enterFirst = statement('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING');
const replaceLast = statement('UPDATE meta SET value = $next WHERE key = $key AND value = $before');
const currentIssuer = statement<{ readonly id: string }>('SELECT id FROM ak_issuers WHERE until IS NULL');
const endIssuer = statement('UPDATE ak_issuers SET until = ? WHERE id = ?');
const beginIssuer = statement(
  'INSERT INTO ak_issuers VALUES (?, ?, NULL) ON CONFLICT (id) DO UPDATE SET since = excluded.since, until = NULL',
);
// What was issued before issuers were remembered is from the only one there was.
const adopt = statement('UPDATE ak_certificates SET issuer = ? WHERE issuer IS NULL');
const listIssuers = statement<AkIssuerRow>(
  `SELECT id, since, until, (SELECT max(not_after) FROM ak_certificates WHERE issuer = ak_issuers.id) AS last_end
   FROM ak_issuers ORDER BY id`,
);

export function openAkIssuerTable(database: Database): IssuerMethods {
  return {
    akRevocationRevision: async () => Number((await database.get(revision))?.value ?? 0),
    listRevokedAkCertificates: async (issuer, now) => {
      const rows = await database.all(listRevoked, issuer, now - keptAfterEndMs);
      return rows.map(({ serial, revoked_at: revokedAt, reason }) => ({ serial, revokedAt, reason }));
    },
    findLastAkList: async (issuer) => {
      const row = await database.get(findLast, lastListKey(issuer));
      return row && (JSON.parse(row.value) as AkListRecord);
    },
    replaceLastAkList: async (issuer, before, next) => {
      const key = lastListKey(issuer);
      const changed =
        before === undefined
          ? await database.run(enterFirst, key, writeLastList(next))
          : await database.run(replaceLast, { key, before: writeLastList(before), next: writeLastList(next) });
      return changed > 0;
    },
    enterAkIssuer: (id, draft) =>
      database.transact(async (tx) => {
        const before = await tx.get(currentIssuer);
        if (before?.id === id) return;
        if (before === undefined) await tx.run(adopt, id);
        else await tx.run(endIssuer, draft.at, before.id);
        await tx.run(beginIssuer, id, draft.at);
        if (before !== undefined) await tx.audit({ ...draft, details: { ...draft.details, from: before.id } });
      }),
    listAkIssuers: async () => {
      const rows = await database.all(listIssuers);
      return rows.map(({ id, since, until, last_end: lastEnd }) => {
        return { id, since, until: until ?? undefined, lastCertificateEnds: lastEnd ?? undefined };
      });
    },
  };
}

function lastListKey(issuer: string): string {
  return `ak_list ${issuer}`;
}

/** Equal records are equal texts. */
function writeLastList({ number, at, revision }: AkListRecord): string {
  return JSON.stringify({ number, at, revision });
}
