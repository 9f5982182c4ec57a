// What the next attestation of the same boot will find: what is in force may have changed since the last verdict.
import { reasonOf } from '../../core/appraisal/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import type { Finding, TrustStatus } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { createFleetComparison } from '../what-if/fleet-change.ts';

export interface Foreseen {
  readonly status: TrustStatus;
  /** Why it will not be trusted. */
  readonly reason: Finding | undefined;
  /** Milliseconds: when the host was asked to come. */
  readonly dueAt: number | undefined;
}

/** Ends of a verdict that the next one mends, where what is in force allows it. */
const mendable: ReadonlySet<string> = new Set(['VERDICT_VOIDED', 'VERDICT_EXPIRED']);

/** Undefined where it is what is believed now, where something else than evidence keeps the host from being trusted, and where
 * stored evidence says nothing of it. */
export async function foreseeHost(
  context: ServerContext,
  { hostId, reasons, status, verdict }: HeldVerdict,
): Promise<Foreseen | undefined> {
  if (!reasons.every(({ code }) => mendable.has(code))) return undefined;
  const record = await context.store.findFleetHost(hostId);
  // Where the last quote was not even a valid one, what is stored is an earlier one, and says nothing of the next.
  if (record?.evidence === undefined || hashHex('sha256', record.evidence.attest) !== verdict?.evidenceDigest)
    return undefined;
  const trust = await context.trust.current();
  const now = context.now();
  const same = { before: trust, after: trust, endings: new Map(), roots: trust, from: now, at: now };
  const change = await createFleetComparison(context, same)(record);
  if ('code' in change) return undefined;
  // A hold or a grant makes a status better than its verdict, which is what the next one is compared with.
  const present = reasons.length > 0 ? status : verdict.status;
  if (change.after === present) return undefined;
  return { status: change.after, reason: reasonOf(change), dueAt: record.host.dueAt };
}
