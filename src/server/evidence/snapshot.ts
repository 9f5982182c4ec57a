// What verdicts rest on, as it was: kept once, by its SHA-256, however many verdicts rest on it.
import { hashHex } from '../../core/crypto/index.ts';
import {
  encodeArchive,
  encodeHost,
  encodeTrust,
  type Part,
  type RecordedTrust,
} from '../../core/evidence-bundle/index.ts';
import type { HostRecord, Snapshot } from '../storage/index.ts';

/** Made when the first verdict needs it, and not again. */
export function createTrustSnapshot(trust: RecordedTrust): () => Snapshot {
  let made: Snapshot | undefined;
  return () => (made ??= snapshotOf(encodeTrust(trust)));
}

interface HostSnapshot {
  readonly host: HostRecord;
  readonly snapshot: Snapshot;
}

/** By the key that the record carries: as long as that record, or one that was made of it, is remembered. */
const lastOfHost = new WeakMap<Uint8Array, HostSnapshot>();

/** What of a host stands in it. All but an endorser comes and goes with an enrolment. */
const parts = [
  'hostId',
  'epoch',
  'enrolledAt',
  'endorser',
  'ekPublic',
  'akPublic',
  'ekCertificate',
  'ekChain',
  'platformCertificates',
  'deviceIdentity',
] as const satisfies readonly (keyof HostRecord)[];

/** Made again when anything of it is another than before. */
export function snapshotHost(host: HostRecord): Snapshot {
  const last = lastOfHost.get(host.akPublic);
  if (last !== undefined && parts.every((part) => last.host[part] === host[part])) return last.snapshot;
  const snapshot = snapshotOf(encodeHost({ ...host, id: host.hostId }));
  lastOfHost.set(host.akPublic, { host, snapshot });
  return snapshot;
}

function snapshotOf(parts: readonly Part[]): Snapshot {
  const bytes = encodeArchive(parts);
  return { sha256: hashHex('sha256', bytes), bytes };
}
