// What verdicts rest on, as it was: kept once, by its SHA-256, however many verdicts rest on it.
import { hash } from '../../core/crypto/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
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

/** Endorsers change, and certificates of a TPM that enrols again. */
export function snapshotHost(host: HostRecord): Snapshot {
  return snapshotOf(encodeHost({ ...host, id: host.hostId }));
}

function snapshotOf(parts: readonly Part[]): Snapshot {
  const bytes = encodeArchive(parts);
  return { sha256: encodeHex(hash('sha256', bytes)), bytes };
}
