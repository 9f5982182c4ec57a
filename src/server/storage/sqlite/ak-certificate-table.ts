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
  const insert = database.prepare('INSERT OR IGNORE INTO ak_certificates VALUES (?, ?, ?, NULL, NULL)');
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
      insert.run(certificate.serial, hostId, certificate.notAfter);
    },
    revokeOf: (hostId, at, reason) => {
      const certificate = heldOnly.get({ id: hostId });
      if (certificate !== undefined) {
        const { serialHex, notAfter } = parseCertificate(bytesOf(certificate));
        insert.run(serialHex, hostId, notAfter.getTime());
      }
      revoke.run(at, crlReasons[reason], hostId);
      take.run(hostId);
    },
  };
}

export function openRevokedAkCertificates({ database }: Tables): Pick<SyncStore, 'listRevokedAkCertificates'> {
  const list = database.prepare<[number], AkCertificateRow>(
    `SELECT serial, revoked_at, reason FROM ak_certificates
     WHERE revoked_at IS NOT NULL AND not_after >= ? ORDER BY revoked_at, serial`,
  );
  return {
    listRevokedAkCertificates: (now): readonly RevokedAkCertificate[] =>
      list
        .all(now - keptAfterEndMs)
        .map(({ serial, revoked_at: revokedAt, reason }) => ({ serial, revokedAt, reason })),
  };
}
