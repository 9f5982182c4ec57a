// What cannot be read of a host is emptied when an operator releases it: then it can be shown, and enrolled again, without a
// backup. Nothing that is emptied could have spoken for the host: until then it is denied.
import { dropHistory } from '../attestations/history.ts';
import type { HostRow, VerdictRow } from '../rows.ts';
import { statement, type Transaction } from '../sql.ts';

const update = statement(
  `UPDATE hosts SET labels = $labels, ek_chain = $ek_chain, platform_certificates = $platform_certificates,
   device_identity = $device_identity WHERE id = $id`,
);
const verdicts = statement<Pick<VerdictRow, 'sequence' | 'document'>>(
  'SELECT sequence, document FROM attestations WHERE host_id = ?',
);

/** The row as it can be read. Attestations with a damaged verdict are dropped. */
export async function repairRow(tx: Transaction, row: HostRow): Promise<HostRow> {
  for (const { sequence, document } of await tx.all(verdicts, row.id))
    if (!isJson(document)) await dropHistory(tx, row.id, { from: sequence, through: sequence });
  const { id, labels, ek_chain, platform_certificates, device_identity } = row;
  const repaired = {
    labels: isJson(labels) ? labels : '{}',
    ek_chain: isJson(ek_chain) ? ek_chain : '[]',
    platform_certificates: isJson(platform_certificates) ? platform_certificates : '[]',
    device_identity: device_identity !== null && isJson(device_identity) ? device_identity : null,
  };
  await tx.run(update, { id, ...repaired });
  return { ...row, ...repaired };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
