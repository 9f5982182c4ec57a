// What the entries of the audit log tell of the host of a bundle and of its verdict.
import { encodeHex, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { RecordedAttestation } from './attestation-part.ts';
import type { LoggedEntry, OpenedAudit } from './audit-part.ts';
import type { ReadHost } from './host-parts.ts';

export interface AuditAccount {
  /** When this very TPM and key were bound to the name, the last time before the verdict. */
  readonly enrolled: LoggedEntry | undefined;
  /** When operators let it, where they were asked. */
  readonly approved: LoggedEntry | undefined;
  /** The entry that has the verdict: its own, or the one before that it repeats (a steady host leaves one entry). */
  readonly acknowledged: { readonly entry: LoggedEntry; readonly isOwn: boolean } | undefined;
}

interface About {
  readonly host: ReadHost;
  readonly attestation: Pick<RecordedAttestation, 'at'>;
  readonly claimedVerdict: JsonObject;
}

/**
 * Proves that each entry is about the host or about what its verdict rests on, and that none has the verdict otherwise.
 * @throws VerificationError EVIDENCE_AUDIT_FOREIGN, EVIDENCE_AUDIT_CONTRADICTED
 */
export function accountOf({ entries }: OpenedAudit, { host, attestation, claimedVerdict }: About): AuditAccount {
  const subjects = subjectsOf(entries, { host, claimedVerdict });
  const foreign = entries.find(({ subject }) => !subjects.has(subject));
  if (foreign !== undefined) {
    const at = `audit/entries.json, entry ${foreign.sequence}`;
    throw new VerificationError('EVIDENCE_AUDIT_FOREIGN', `${at} is about ${foreign.subject}`, { at });
  }
  const about = entries.filter(({ subject }) => subject === host.id);
  const before = about.filter(({ at }) => at <= attestation.at);
  const [ek, ak] = [encodeHex(host.ekDigest), encodeHex(host.attestationKey.name)];
  const last = before.findLast(({ action }) => action === 'verdict.changed');
  const isOwn = last?.details['evidence'] === claimedVerdict['evidenceDigest'];
  if (last !== undefined && isOwn) refuseContradiction(last, claimedVerdict);
  return {
    enrolled: before.findLast(({ action, details }) => {
      return action === 'host.enrolled' && details['ek'] === ek && details['ak'] === ak;
    }),
    approved: before.findLast(({ action, details }) => action === 'host.approved' && details['ek'] === ek),
    acknowledged:
      last === undefined || last.details['status'] !== claimedVerdict['status'] ? undefined : { entry: last, isOwn },
  };
}

function subjectsOf(
  entries: readonly LoggedEntry[],
  { host, claimedVerdict }: Omit<About, 'attestation'>,
): ReadonlySet<JsonValue> {
  const { layers, furtherGoldens, policy } = claimedVerdict;
  const named = entries.flatMap(({ subject, details: { quarantine = '', breakGlass = '' } }) => {
    return subject === host.id ? [quarantine, breakGlass] : [];
  });
  return new Set<JsonValue>([
    host.id,
    ...(isJsonObject(layers) ? Object.values(layers) : []),
    ...(furtherGoldens !== undefined && isJsonArray(furtherGoldens) ? furtherGoldens : []),
    ...(isJsonObject(policy) ? [policy['id'] ?? ''] : []),
    ...(host.endorser === undefined ? [] : [host.endorser.id, host.endorser.name]),
    ...named,
  ]);
}

function refuseContradiction({ sequence, details }: LoggedEntry, claimed: JsonObject): void {
  const { id, version } = isJsonObject(claimed['policy']) ? claimed['policy'] : {};
  const policy = typeof id === 'string' && typeof version === 'number' ? `${id}/${version}` : null;
  const said = [details['status'], details['expiresAt'], details['policy']];
  if (JSON.stringify(said) === JSON.stringify([claimed['status'], claimed['expiresAt'], policy])) return;
  const message = `entry ${sequence} of the audit log has the same evidence with another verdict`;
  throw new VerificationError('EVIDENCE_AUDIT_CONTRADICTED', message, { at: `audit/entries.json, entry ${sequence}` });
}
