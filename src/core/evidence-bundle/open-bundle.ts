// Opening an evidence bundle: first that every part is the one the manifest names, and that a server signed that, then what it says.
import type { Evidence } from '../appraisal/index.ts';
import { parseJwks, hashHex } from '../crypto/index.ts';
import {
  canonicalJson,
  decodeUtf8,
  encodeHex,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
  type Field,
} from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { openDetached, verifyEarJwt, type TokenKey } from '../verdict/index.ts';
import { parseArchive } from './archive.ts';
import { accountOf, type AuditAccount } from './audit-account.ts';
import { openAudit, type OpenedAudit } from './audit-part.ts';
import { readAttestation, type RecordedAttestation } from './attestation-part.ts';
import { bundleFormat, evidenceAudience, files, signatureType, type Standing } from './bundle.ts';
import { naming, partsOf, readDocument, requirePart, requireText, type Parts } from './documents.ts';
import { readEvidence } from './evidence-parts.ts';
import { readHistory, type RecordedHistory } from './history-part.ts';
import { readHost, type ReadHost } from './host-parts.ts';
import { readTrust, type RecordedTrust } from './trust-parts.ts';

export interface Manifest {
  readonly server: string;
  readonly host: string;
  readonly exportedAt: Date;
  readonly audit: { readonly sequence: number; readonly hash: string };
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

declare const opened: unique symbol;

/** A bundle whose parts are whole and whose manifest a key of a server signed. Made by `openEvidenceBundle` only. What it says of trust
 * is the word of whoever has that key. */
export interface OpenedBundle {
  readonly [opened]: true;
  readonly manifest: Manifest;
  /** Of the key that signed. */
  readonly kid: string | undefined;
  readonly attestation: RecordedAttestation;
  readonly host: ReadHost;
  readonly evidence: Evidence;
  readonly trust: RecordedTrust;
  /** Undefined in bundles of before they had one. */
  readonly history: RecordedHistory | undefined;
  readonly audit: OpenedAudit | undefined;
  /** What the audit log tells; undefined where the bundle has nothing of it. */
  readonly account: AuditAccount | undefined;
  readonly standing: Standing;
  /** The verdict that the server gave, to be compared and not to be believed. */
  readonly claimedVerdict: JsonObject;
}

/**
 * Proves of the bytes of a bundle:
 * 1. it has the parts that its manifest names, each of that size and SHA-256, and no others;
 * 2. one of `keys`, or without any one of the bundle's own, signed the manifest; with its own this says only that it is whole;
 * 3. so it did the token inside, for this server, host and moment;
 * 4. its parts speak of one host, one server, one attestation;
 * 5. where it has entries of the audit log, each is in the log that such a key signed, and about what the bundle is about.
 * It does not prove that the verdict follows: that is `appraiseBundle`.
 *
 * @throws MalformedError EVIDENCE_*, VERDICT_TOKEN_MALFORMED, CRYPTO_JWK_INVALID; VerificationError VERDICT_*, EVIDENCE_AUDIT_*
 */
export async function openEvidenceBundle(bytes: Uint8Array, keys?: readonly TokenKey[]): Promise<OpenedBundle> {
  const parts = partsOf(parseArchive(bytes));
  const manifestBytes = requirePart(parts, files.manifest);
  const manifest = readDocument(parts, files.manifest, readManifest);
  checkParts(parts, manifest);
  const trusted = keys ?? naming(files.keys, () => parseJwks(requirePart(parts, files.keys)));
  const { key } = await openDetached(manifestBytes, requireText(parts, files.signature), {
    keys: trusted,
    typ: signatureType,
  });
  const token = { at: manifest.exportedAt, issuer: manifest.server, audience: evidenceAudience };
  const { ear } = await verifyEarJwt(requireText(parts, files.token), trusted, token);
  const bundle = {
    manifest,
    kid: key.kid,
    attestation: readAttestation(parts),
    host: readHost(parts),
    evidence: readEvidence(parts),
    trust: readTrust(parts),
    history: readHistory(parts),
    audit: await openAudit(parts, { keys: trusted, server: manifest.server }),
    standing: readDocument(parts, files.standing, readStanding),
    claimedVerdict: readVerdict(parts),
  };
  checkAgreement(bundle, ear.subject);
  const account = bundle.audit && accountOf(bundle.audit, bundle);
  return { ...bundle, account } as unknown as OpenedBundle;
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_UNKNOWN, EVIDENCE_PART_ALTERED */
function checkParts(parts: Parts, manifest: Manifest): void {
  const named = new Set<string>([files.manifest, files.signature, ...manifest.parts.map(({ name }) => name)]);
  for (const { name, bytes, sha256 } of manifest.parts) {
    const part = requirePart(parts, name);
    if (part.length === bytes && hashHex('sha256', part) === sha256) continue;
    throw new MalformedError('EVIDENCE_PART_ALTERED', `${name} is not what the manifest says`, { at: name });
  }
  const stranger = [...parts.keys()].find((name) => !named.has(name));
  if (stranger === undefined) return;
  throw new MalformedError('EVIDENCE_PART_UNKNOWN', `the manifest does not name ${stranger}`, { at: stranger });
}

function readManifest(root: Field): Manifest {
  // A later version may have any other members.
  const { format, version } = Object.fromEntries(root.entries(64)) as Record<string, Field | undefined>;
  format?.oneOf([bundleFormat.name]);
  if (version?.integer(1, 65_535) !== bundleFormat.version) {
    throw new MalformedError('EVIDENCE_VERSION_UNKNOWN', 'the manifest is of another version', { at: files.manifest });
  }
  const { server, host, exportedAt, audit, parts } = root.object(
    ...(['format', 'version', 'server', 'host', 'exportedAt', 'audit', 'parts'] as const),
  );
  const { sequence, hash: head } = audit.object('sequence', 'hash');
  return {
    server: server.text(512),
    host: host.text(63),
    exportedAt: exportedAt.time(),
    audit: { sequence: sequence.integer(0, Number.MAX_SAFE_INTEGER), hash: encodeHex(head.hex(32)) },
    parts: parts.array(20_000).map((part) => {
      const { name, bytes, sha256 } = part.object('name', 'bytes', 'sha256');
      return { name: name.text(100), bytes: bytes.integer(0, 2 ** 32), sha256: encodeHex(sha256.hex(32)) };
    }),
  };
}

function readStanding(root: Field): Standing {
  const { state, status, reasons } = root.object('state', 'status', 'reasons');
  return {
    state: state.text(32),
    status: status.text(32),
    reasons: reasons.array(16).map((reason) => {
      const { code, message } = reason.object('code', 'message');
      return { code: code.text(64), message: message.text(8192) };
    }),
  };
}

function readVerdict(parts: Parts): JsonObject {
  const value = naming(files.verdict, () => parseJsonStrict(requirePart(parts, files.verdict)));
  if (isJsonObject(value)) return value;
  throw new MalformedError('EVIDENCE_PART_INVALID', 'a verdict is expected', { at: files.verdict });
}

type Unproven = Pick<OpenedBundle, 'manifest' | 'attestation' | 'host' | 'audit' | 'claimedVerdict'>;

function checkAgreement(
  { manifest, attestation, host, audit, claimedVerdict }: Unproven,
  subject: string | undefined,
): void {
  const pairs = [
    [files.manifest, manifest.server, attestation.serverId],
    [files.manifest, manifest.host, host.id],
    ['attestation.json', attestation.host, host.id],
    [files.token, subject ?? host.id, host.id],
    ['audit/checkpoint.json', audit?.checkpoint.size ?? manifest.audit.sequence, manifest.audit.sequence],
    [files.verdict, claimedVerdict['host'], host.id],
    [files.verdict, claimedVerdict['issuedAt'], attestation.at.toISOString()],
  ] as const;
  const wrong = pairs.find(([, left, right]) => left !== right);
  if (wrong === undefined) return;
  const [name] = wrong;
  throw new MalformedError('EVIDENCE_PART_INVALID', `${name} speaks of another server, host or moment`, { at: name });
}

/** Members in which two verdicts differ, ascending. */
export function differencesOf(claimed: JsonObject, verdict: JsonObject): readonly string[] {
  const textOf = (value: JsonObject, name: string): string =>
    Object.hasOwn(value, name) ? decodeUtf8(canonicalJson(value[name] ?? null)) : '';
  const names = new Set([...Object.keys(claimed), ...Object.keys(verdict)]);
  return [...names].filter((name) => textOf(claimed, name) !== textOf(verdict, name)).sort();
}
