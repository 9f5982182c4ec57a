// Is an identity free? One TPM is one host for ever, and a host changes its TPM or key by an operator's act only.
import { bytesEqual, encodeHex } from '../../../core/encoding/index.ts';
import type { BindPreview, PendingBinding } from '../records.ts';
import { tpmDigests } from '../tpm-digests.ts';
import type { HostRow, RegisteredEkRow } from './rows.ts';
import type { Tables } from './tables.ts';
import { openTokenTable } from './token-table.ts';

export type IdentityCheck = (binding: PendingBinding, joinToken: string | undefined, at: number) => BindPreview;

export function openIdentityCheck(tables: Tables): IdentityCheck {
  const { database } = tables;
  const findHost = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const findEk = database.prepare<[Uint8Array], { readonly host_id: string; readonly retired_at: number | null }>(
    'SELECT host_id, retired_at FROM endorsement_keys WHERE ek_digest = ?',
  );
  // Names that an operator keeps for one TPM, and TPMs that may have one name only.
  const reservations = database.prepare<[string, string], Pick<RegisteredEkRow, 'ek_digest' | 'host_id'>>(
    'SELECT ek_digest, host_id FROM registered_eks WHERE host_id IS NOT NULL AND (ek_digest = ? OR host_id = ?)',
  );
  const tokens = openTokenTable(tables);

  const isReserved = ({ ekDigest, hostId }: PendingBinding): boolean => {
    const digest = encodeHex(ekDigest);
    return reservations
      .all(digest, hostId)
      .some(({ ek_digest, host_id }) => ek_digest !== digest || host_id !== hostId);
  };

  return (binding, joinToken, at) => {
    const owned = tpmDigests(binding).flatMap((digest) => findEk.get(digest) ?? []);
    if (owned.some(({ retired_at }) => retired_at !== null)) return 'ek-retired';
    if (isReserved(binding)) return 'name-reserved';
    if (owned.some(({ host_id }) => host_id !== binding.hostId)) return 'ek-taken';
    const host = findHost.get(binding.hostId);
    if (host?.state === 'active') {
      if (!bytesEqual(host.ek_digest, binding.ekDigest)) return 'name-taken';
      return bytesEqual(host.ak_name, binding.akName) ? 'bound' : 'ak-changed';
    }
    if (host?.ending === 'retired') return 'name-retired';
    if (host?.ending === 'replacing' && at >= (host.replace_until ?? 0)) return 'replacement-over';
    return joinToken === undefined || tokens.canJoin(joinToken) ? 'bound' : 'token-spent';
  };
}
