// Who did what, in the shapes of the contract.
import type { AuditEntry } from '../../../api/index.ts';
import { encodeHex, isoTime } from '../../../core/encoding/index.ts';
import { auditFields } from '../../audit/audit-chain.ts';
import type { ActorNames } from '../../auth/actor-names.ts';
import type { AuditRecord } from '../../storage/index.ts';
import { present } from './present.ts';

export function wireAudit(entry: AuditRecord): AuditEntry {
  return { ...(auditFields(entry) as unknown as AuditEntry), hash: encodeHex(entry.hash) };
}

/** Absent where no actor has one. */
export function wireActorNames(names: ActorNames): { readonly actorNames?: Record<string, string> } {
  return names.size === 0 ? {} : { actorNames: Object.fromEntries(names) };
}

/** What somebody decided, or ended. */
export function wireEnding(
  { at, by, reason }: { readonly at: number; readonly by: string; readonly reason: string },
  names: ActorNames,
): { readonly at: string; readonly by: string; readonly byName?: string; readonly reason: string } {
  return { at: isoTime(at), by, ...present('byName', names.get(by)), reason };
}
