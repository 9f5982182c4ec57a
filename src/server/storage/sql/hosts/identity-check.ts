// Is an identity free? One TPM is one host for ever, and a host changes its TPM or key by an operator's act only.
import { bytesEqual, encodeHex } from '../../../../core/encoding/index.ts';
import type { BindPreview, PendingBinding } from '../../records.ts';
import { tpmDigests } from '../../tpm-digests.ts';
import { findHostRow } from './host-row.ts';
import type { RegisteredEkRow } from '../rows.ts';
import { statement, type Sql } from '../sql.ts';
import { canJoin } from './token-table.ts';

interface OwnedRow {
  readonly host_id: string;
  readonly retired_at: number | null;
}

const findOwner = statement<OwnedRow>('SELECT host_id, retired_at FROM endorsement_keys WHERE ek_digest = ?');
// Names that an operator keeps for one TPM, and TPMs that may have one name only.
const reservations = statement<Pick<RegisteredEkRow, 'ek_digest' | 'host_id'>>(
  'SELECT ek_digest, host_id FROM registered_eks WHERE host_id IS NOT NULL AND (ek_digest = ? OR host_id = ?)',
);

export async function previewBinding(
  sql: Sql,
  binding: PendingBinding,
  joinToken: string | undefined,
  at: number,
): Promise<BindPreview> {
  const owned = await ownersOf(sql, binding);
  if (owned.some(({ retired_at }) => retired_at !== null)) return 'ek-retired';
  if (await isReserved(sql, binding)) return 'name-reserved';
  if (owned.some(({ host_id }) => host_id !== binding.hostId)) return 'ek-taken';
  const host = await findHostRow(sql, binding.hostId);
  if (host?.state === 'active') {
    if (!bytesEqual(host.ek_digest, binding.ekDigest)) return 'name-taken';
    return bytesEqual(host.ak_name, binding.akName) ? 'bound' : 'ak-changed';
  }
  if (host?.ending === 'retired') return 'name-retired';
  if (host?.ending === 'replacing' && at >= (host.replace_until ?? 0)) return 'replacement-over';
  return joinToken === undefined || (await canJoin(sql, joinToken, at)) ? 'bound' : 'token-spent';
}

async function ownersOf(sql: Sql, binding: PendingBinding): Promise<readonly OwnedRow[]> {
  const owned: OwnedRow[] = [];
  for (const digest of tpmDigests(binding)) owned.push(...(await sql.all(findOwner, digest)));
  return owned;
}

async function isReserved(sql: Sql, { ekDigest, hostId }: PendingBinding): Promise<boolean> {
  const digest = encodeHex(ekDigest);
  const rows = await sql.all(reservations, digest, hostId);
  return rows.some(({ ek_digest, host_id }) => ek_digest !== digest || host_id !== hostId);
}
