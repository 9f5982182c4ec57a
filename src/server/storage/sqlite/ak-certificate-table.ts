// Certificates of attestation keys that were issued and have not expired: what a revocation list can be made from.
import { parseCertificate } from '../../../core/x509/index.ts';
import type { IssuedAkCertificate, RevokedAkCertificate } from '../records.ts';
import { bytesOf } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

interface AkCertificateRow {
  readonly serial: string;
  readonly revoked_at: number;
  readonly reason: number;
}

/** CRLReason. [RFC5280 §5.3.1] */
const crlReasons = { superseded: 4, cessationOfOperation: 5, privilegeWithdrawn: 9 } as const;

export interface AkCertificateTable {
  /** Remembers a certificate of a host and forgets those that have long expired. */
  issue(hostId: string, certificate: IssuedAkCertificate, at: number): void;
  /** Revokes every certificate of a host, and takes the one it holds from it. */
  revokeOf(hostId: string, at: number, reason: keyof typeof crlReasons): void;
}

/** A list names a certificate at least once after its end. */
const keptAfterEndMs = 86_400_000;

export function openAkCertificateTable({ database }: Tables): AkCertificateTable {
  const insert = database.prepare('INSERT OR IGNORE INTO ak_certificates VALUES (?, ?, ?, NULL, NULL, ?)');
  const clear = database.prepare('DELETE FROM ak_certificates WHERE not_after < ?');
  // One that was issued before this table was made stands in the host alone.
  const heldOnly = database
    .prepare<[{ readonly id: string }], Buffer>(
      `SELECT ak_certificate FROM hosts WHERE id = $id AND length(ak_certificate) > 0
       AND NOT EXISTS (SELECT 1 FROM ak_certificates WHERE host_id = $id)`,
    )
    .pluck();
  const revoke = database.prepare(
    'UPDATE ak_certificates SET revoked_at = ?, reason = ? WHERE host_id = ? AND revoked_at IS NULL',
  );
  const take = database.prepare("UPDATE hosts SET ak_certificate = X'' WHERE id = ?");
  return {
    issue: (hostId, certificate, at) => {
      clear.run(at - keptAfterEndMs);
      insert.run(certificate.serial, hostId, certificate.notAfter, certificate.issuer);
    },
    revokeOf: (hostId, at, reason) => {
      const certificate = heldOnly.get({ id: hostId });
      if (certificate !== undefined) {
        const { serialHex, notAfter } = parseCertificate(bytesOf(certificate));
        insert.run(serialHex, hostId, notAfter.getTime(), null);
      }
      revoke.run(at, crlReasons[reason], hostId);
      take.run(hostId);
    },
  };
}

type IssuerMethods = Pick<SyncStore, 'listRevokedAkCertificates' | 'enterAkIssuer' | 'listAkIssuers'>;

interface AkIssuerRow {
  readonly id: string;
  readonly since: number;
  readonly until: number | null;
  readonly last_end: number | null;
}

export function openAkIssuerTable({ database, transact, audit }: Tables): IssuerMethods {
  const revoked = database.prepare<[string, number], AkCertificateRow>(
    `SELECT serial, revoked_at, reason FROM ak_certificates
     WHERE revoked_at IS NOT NULL AND (issuer = ? OR issuer IS NULL) AND not_after >= ? ORDER BY revoked_at, serial`,
  );
  const current = database.prepare<[], string>('SELECT id FROM ak_issuers WHERE until IS NULL').pluck();
  const end = database.prepare('UPDATE ak_issuers SET until = ? WHERE id = ?');
  const begin = database.prepare(
    'INSERT INTO ak_issuers VALUES (?, ?, NULL) ON CONFLICT (id) DO UPDATE SET since = excluded.since, until = NULL',
  );
  // What was issued before issuers were remembered is from the only one there was.
  const adopt = database.prepare('UPDATE ak_certificates SET issuer = ? WHERE issuer IS NULL');
  const list = database.prepare<[], AkIssuerRow>(
    `SELECT *, (SELECT max(not_after) FROM ak_certificates WHERE issuer = ak_issuers.id) AS last_end
     FROM ak_issuers ORDER BY id`,
  );
  return {
    listRevokedAkCertificates: (issuer, now): readonly RevokedAkCertificate[] =>
      revoked
        .all(issuer, now - keptAfterEndMs)
        .map(({ serial, revoked_at: revokedAt, reason }) => ({ serial, revokedAt, reason })),
    enterAkIssuer: (id, draft) => {
      transact(() => {
        const before = current.get();
        if (before === id) return;
        if (before === undefined) adopt.run(id);
        else {
          end.run(draft.at, before);
          audit({ ...draft, details: { ...draft.details, from: before } });
        }
        begin.run(id, draft.at);
      });
    },
    listAkIssuers: () =>
      list.all().map(({ id, since, until, last_end: lastEnd }) => {
        return { id, since, until: until ?? undefined, lastCertificateEnds: lastEnd ?? undefined };
      }),
  };
}
