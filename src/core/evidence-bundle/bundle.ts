// An evidence bundle: everything behind one verdict, so that whoever has the file, and nothing else, can appraise again.
import type { Evidence } from '../appraisal/index.ts';
import { type SigningKey, hashInPieces } from '../crypto/index.ts';
import { encodeHex, encodeUtf8, type JsonObject } from '../encoding/index.ts';
import { signDetached, type Verdict } from '../verdict/index.ts';
import { encodeArchiveInPieces } from './archive.ts';
import { encodeAttestation, type RecordedAttestation } from './attestation-part.ts';
import { encodeAudit, type RecordedAudit } from './audit-part.ts';
import { documentPart, type Parts } from './documents.ts';
import { encodeEvidence } from './evidence-parts.ts';
import { encodeHistory, type RecordedHistory } from './history-part.ts';
import { encodeHost, type RecordedHost } from './host-parts.ts';
import { readmeText } from './readme.ts';
import { encodeTrust, encodeTrustAhead, type RecordedTrust } from './trust-parts.ts';

export interface BundleContent {
  readonly attestation: RecordedAttestation;
  readonly host: RecordedHost;
  readonly evidence: Evidence;
  readonly trust: RecordedTrust;
  readonly verdict: Verdict;
  /** What the server said of the host when it made the file: a verdict may have ended since. */
  readonly standing: Standing;
  /** EAR of that, as JWT, for `evidenceAudience`. */
  readonly token: string;
  /** Entries of the audit log; undefined where it cannot prove any. */
  readonly audit: RecordedAudit | undefined;
  readonly history: RecordedHistory;
  /** JWK set of the server. */
  readonly keys: JsonObject;
}

export interface Standing {
  readonly state: string;
  readonly status: string;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

export interface Export {
  readonly at: Date;
  /** The last entry of the audit log: the verdict and everything it rests on came before it. */
  readonly audit: { readonly sequence: number; readonly hash: Uint8Array };
  readonly key: SigningKey;
  /** Between two pieces of the work: a bundle is tens of megabytes, and whoever makes it may have something else to do. */
  readonly pause: () => Promise<void>;
}

export const bundleFormat = { name: 'touchstone-evidence-bundle', version: 1 } as const;
/** Whom the token in a bundle is for: nobody who admits workloads takes it. */
export const evidenceAudience = 'touchstone:evidence';
export const signatureType = 'touchstone-evidence-manifest';

export const files = {
  manifest: 'manifest.json',
  signature: 'manifest.jws',
  readme: 'README.txt',
  verdict: 'verdict/verdict.json',
  standing: 'verdict/standing.json',
  token: 'verdict/verdict.jwt',
  keys: 'server/jwks.json',
} as const;

/** The JWK set of the server as the bundle has it, by its own word; undefined where it has none. */
export function readClaimedKeys(parts: Parts): Uint8Array | undefined {
  return parts.get(files.keys);
}

/** To hash so much takes half a millisecond. */
const largePart = 1024 * 1024;

/** @throws MalformedError EVIDENCE_TOO_LARGE */
export async function createEvidenceBundle(
  content: BundleContent,
  { at, audit, key, pause }: Export,
): Promise<Uint8Array> {
  const { attestation, host, evidence, trust, verdict, standing, token, history, keys } = content;
  await encodeTrustAhead(trust, pause);
  const parts = [
    { name: files.readme, bytes: encodeUtf8(readmeText) },
    documentPart(files.verdict, verdict as unknown as JsonObject),
    documentPart(files.standing, standing as unknown as JsonObject),
    { name: files.token, bytes: encodeUtf8(token) },
    encodeAttestation(attestation),
    ...encodeHost(host),
    ...encodeEvidence(evidence),
    ...encodeTrust(trust),
    ...encodeHistory(history),
    ...(content.audit === undefined ? [] : await encodeAudit(content.audit, { key, pause })),
    documentPart(files.keys, keys),
  ];
  const described: JsonObject[] = [];
  for (const { name, bytes } of parts) {
    if (bytes.length > largePart) await pause();
    described.push({ name, bytes: bytes.length, sha256: encodeHex(await hashInPieces('sha256', bytes, pause)) });
  }
  const manifest = documentPart(files.manifest, {
    format: bundleFormat.name,
    version: bundleFormat.version,
    server: attestation.serverId,
    host: host.id,
    exportedAt: at.toISOString(),
    audit: { sequence: audit.sequence, hash: encodeHex(audit.hash) },
    parts: described,
  });
  const signature = await signDetached(manifest.bytes, key, { typ: signatureType });
  await pause();
  return encodeArchiveInPieces([manifest, { name: files.signature, bytes: encodeUtf8(signature) }, ...parts], pause);
}
