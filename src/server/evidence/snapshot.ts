// What verdicts rest on, as it was: kept once, by its SHA-256, however many verdicts rest on it.
import { hashHex, hashInPieces } from '../../core/crypto/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  encodeArchive,
  encodeArchiveInPieces,
  encodeHost,
  encodeTrust,
  encodeTrustAhead,
  type Part,
  type RecordedTrust,
} from '../../core/evidence-bundle/index.ts';
import type { HostRecord, Snapshot } from '../storage/index.ts';

/** To join and hash so much takes some milliseconds. */
const longTrust = 1_048_576;

/** Made when the first verdict needs it, and not again; what is long ahead of that, in pieces. */
export async function createTrustSnapshot(trust: RecordedTrust, pause: () => Promise<void>): Promise<() => Snapshot> {
  const { goldens, denyLists, namedGoldens, revocationLists } = trust;
  const length = [...goldens, ...denyLists, ...namedGoldens, ...revocationLists].reduce(
    (sum, bytes) => sum + bytes.length,
    0,
  );
  let made = length > longTrust ? await snapshotAhead(trust, pause) : undefined;
  return () => (made ??= snapshotOf(encodeTrust(trust)));
}

/** Undefined where it cannot be made: whoever asks for it is told why. */
async function snapshotAhead(trust: RecordedTrust, pause: () => Promise<void>): Promise<Snapshot | undefined> {
  try {
    await encodeTrustAhead(trust, pause);
    const bytes = await encodeArchiveInPieces(encodeTrust(trust), pause);
    return { sha256: encodeHex(await hashInPieces('sha256', bytes, pause)), bytes };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return undefined;
  }
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
