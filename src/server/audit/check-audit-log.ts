// The audit log, read from its first entry to its last.
import { ServerError } from '../errors.ts';
import type { AuditRecord, Store } from '../storage/index.ts';
import { findBrokenLink } from './audit-chain.ts';

const pageSize = 1000;

/** Returns the last entry; undefined of an empty log. Of a million it takes half a minute.
 * @param tell up to which entry it came, where it goes on
 * @throws ServerError AUDIT_LOG_BROKEN with the first entry that does not follow from the one before it */
export async function checkAuditLog(
  store: Pick<Store, 'listAudit'>,
  tell: (sequence: number) => void = () => undefined,
): Promise<AuditRecord | undefined> {
  let last: AuditRecord | undefined;
  for (;;) {
    const entries = await store.listAudit(last?.sequence ?? 0, pageSize);
    if (last !== undefined && entries.length > 0) tell(last.sequence);
    const broken = findBrokenLink(entries, last);
    if (broken !== undefined)
      throw new ServerError('AUDIT_LOG_BROKEN', `entry ${broken} does not follow from the one before`);
    if (entries.length === 0) return last;
    last = entries.at(-1);
  }
}
