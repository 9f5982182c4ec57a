// Rows as the database gives them, and the records they stand for.
import { decodeBase64, encodeBase64 } from '../../../core/encoding/index.ts';
import type { BootState } from '../../../core/tpm/index.ts';
import type { Verdict } from '../../../core/verdict/index.ts';
import { ServerError } from '../../errors.ts';
import type {
  AnchorRecord,
  AuditRecord,
  ChallengeRecord,
  DeviceIdentity,
  GoldenHead,
  GoldenRecord,
  GoldenSignatureRecord,
  HostBinding,
  HostRecord,
  HostSelector,
  Labels,
  PendingHost,
  PolicyRecord,
  QuarantineRecord,
  RegisteredEkRecord,
  RolloutRecord,
  SignerRecord,
  TokenRecord,
  UnreadableHost,
  VerdictRecord,
} from '../records.ts';

export interface BindingRow {
  readonly ek_digest: Buffer;
  readonly ek_public: Buffer;
  readonly ek_certificate: Buffer | null;
  /** JSON array of base64. */
  readonly ek_chain: string;
  /** JSON array of base64. */
  readonly platform_certificates: string;
  /** JSON: see `encodeDeviceIdentity`. */
  readonly device_identity: string | null;
  readonly endorser_id: string | null;
  readonly endorser: string | null;
  readonly ak_name: Buffer;
  readonly ak_public: Buffer;
}

export interface HostRow extends BindingRow {
  readonly id: string;
  readonly state: 'active' | 'released';
  readonly epoch: number;
  readonly labels: string;
  readonly ak_certificate: Buffer;
  readonly enrolled_at: number;
  readonly verdict_sequence: number;
  readonly boot: string | null;
  readonly boot_id: string | null;
  readonly due_at: number | null;
  readonly ending: 'replacing' | 'retired' | null;
  readonly replace_until: number | null;
}

export interface EnrolmentRow extends BindingRow {
  readonly id: string;
  readonly secret_hash: Buffer;
  readonly host_id: string;
  readonly join_token: string | null;
  readonly expires_at: number;
  readonly by_operator: number;
}

export interface PendingHostRow {
  readonly id: string;
  readonly ek_digest: Buffer;
  readonly host_id: string;
  readonly ek_certificate: Buffer | null;
  readonly endorser_id: string | null;
  readonly endorser: string | null;
  readonly ak_name: Buffer;
  readonly join_token: string | null;
  readonly asked_at: number;
  readonly last_asked_at: number;
  readonly expires_at: number;
  readonly state: PendingHost['state'];
  readonly decided_at: number | null;
  readonly decided_by: string | null;
  readonly reason: string | null;
}

export interface ChallengeRow {
  readonly host_id: string;
  readonly id: string;
  readonly epoch: number;
  readonly nonce: Buffer;
  readonly held_event_log: string | null;
  readonly held_ima_log: string | null;
  readonly held_userspace_log: string | null;
  readonly expires_at: number;
  readonly drawn_at: number | null;
  readonly rides: number;
  readonly held_pcrs: string | null;
}

export interface VerdictRow {
  readonly host_id: string;
  readonly sequence: number;
  readonly epoch: number;
  readonly document: string;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly voided_at: number | null;
  readonly void_code: string | null;
  readonly void_message: string | null;
}

export interface GoldenRow {
  readonly id: string;
  readonly layer: string;
  readonly name: string;
  readonly state: GoldenRecord['state'];
  readonly payload: Buffer;
  readonly proposed_at: number;
  readonly activated_at: number | null;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
  readonly cve: string | null;
  readonly ended_by: string | null;
}

export interface RolloutRow {
  readonly name: string;
  readonly goldens: string;
  readonly predecessors: string;
  readonly stages: string;
  readonly advance: RolloutRecord['advance'];
  readonly state: RolloutRecord['state'];
  readonly stage: number;
  readonly stage_opened_at: number;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
}

export interface SignerRow {
  readonly keyid: string;
  readonly name: string;
  readonly public_key_pem: string;
  readonly layers: string | null;
  readonly created_at: number;
  readonly removed_at: number | null;
}

export interface PolicyRow {
  readonly id: string;
  readonly version: number;
  readonly document: string;
  readonly hosts: string;
  readonly created_at: number;
}

export interface AnchorRow {
  readonly id: string;
  readonly name: string;
  readonly scope: AnchorRecord['scope'];
  readonly certificate: Buffer;
  readonly revocation: AnchorRecord['revocation'];
  readonly staged: number;
  readonly created_at: number;
  readonly withdrawn_at: number | null;
  readonly withdraw_reason: string | null;
}

export interface RegisteredEkRow {
  readonly ek_digest: string;
  readonly label: string;
  readonly host_id: string | null;
  readonly created_at: number;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: TokenRecord['role'];
  readonly host_id: string | null;
  readonly secret_hash: Buffer;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly enrolments_left: number | null;
}

export interface CountRow {
  readonly count: number;
}

export interface AuditRow {
  readonly sequence: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

/** The same bytes as a plain Uint8Array: a Buffer's `slice` would share memory. */
export function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export function bindingOf(hostId: string, row: BindingRow): HostBinding {
  return {
    hostId,
    ekDigest: bytesOf(row.ek_digest),
    ekPublic: bytesOf(row.ek_public),
    ekCertificate: row.ek_certificate === null ? undefined : bytesOf(row.ek_certificate),
    ekChain: (JSON.parse(row.ek_chain) as string[]).map(decodeBase64),
    platformCertificates: (JSON.parse(row.platform_certificates) as string[]).map(decodeBase64),
    deviceIdentity: row.device_identity === null ? undefined : parseDeviceIdentity(row.device_identity),
    endorser: row.endorser_id === null ? undefined : { id: row.endorser_id, name: row.endorser ?? '' },
    akName: bytesOf(row.ak_name),
    akPublic: bytesOf(row.ak_public),
  };
}

export function pendingHostOf(row: PendingHostRow): PendingHost {
  const { decided_at: at, decided_by: by, reason } = row;
  return {
    id: row.id,
    binding: {
      hostId: row.host_id,
      ekDigest: bytesOf(row.ek_digest),
      ekCertificate: row.ek_certificate === null ? undefined : bytesOf(row.ek_certificate),
      endorser: row.endorser_id === null ? undefined : { id: row.endorser_id, name: row.endorser ?? '' },
      akName: bytesOf(row.ak_name),
    },
    joinToken: row.join_token ?? undefined,
    askedAt: row.asked_at,
    lastAskedAt: row.last_asked_at,
    expiresAt: row.expires_at,
    state: row.state,
    decided: at === null || by === null ? undefined : { at, by, reason: reason ?? '' },
  };
}

/** The columns of an endorsement, in the order and words of the statements that write them. */
export function endorsementColumns(binding: HostBinding) {
  const { ekPublic, ekCertificate, ekChain, platformCertificates, deviceIdentity, endorser } = binding;
  return {
    ekPublic,
    ekCertificate: ekCertificate ?? null,
    ekChain: JSON.stringify(ekChain.map(encodeBase64)),
    platformCertificates: JSON.stringify(platformCertificates.map(encodeBase64)),
    deviceIdentity: deviceIdentity === undefined ? null : encodeDeviceIdentity(deviceIdentity),
    endorserId: endorser?.id ?? null,
    endorser: endorser?.name ?? null,
  };
}

interface DeviceIdentityText {
  readonly certificate: string;
  readonly chain: readonly string[];
  readonly publicArea: string;
  readonly digests: readonly string[];
}

/** Base64 throughout. */
function encodeDeviceIdentity({ certificate, chain, publicArea, digests }: DeviceIdentity): string {
  const text: DeviceIdentityText = {
    certificate: encodeBase64(certificate),
    chain: chain.map(encodeBase64),
    publicArea: encodeBase64(publicArea),
    digests: digests.map(encodeBase64),
  };
  return JSON.stringify(text);
}

function parseDeviceIdentity(text: string): DeviceIdentity {
  const { certificate, chain, publicArea, digests } = JSON.parse(text) as DeviceIdentityText;
  return {
    certificate: decodeBase64(certificate),
    chain: chain.map(decodeBase64),
    publicArea: decodeBase64(publicArea),
    digests: digests.map(decodeBase64),
  };
}

export function stateOf({ state, ending }: HostRow): HostRecord['state'] {
  return state === 'active' ? 'active' : (ending ?? 'released');
}

export function hostOf(row: HostRow, quarantines: readonly QuarantineRecord[]): HostRecord {
  return {
    // Not after the spread: V8 (Node.js 20) then makes a new shape for each host, and keeps it: 26 us and 6 kB.
    state: stateOf(row),
    ...bindingOf(row.id, row),
    replaceUntil: row.replace_until ?? undefined,
    epoch: row.epoch,
    labels: JSON.parse(row.labels) as Labels,
    akCertificate: row.ak_certificate.length === 0 ? undefined : bytesOf(row.ak_certificate),
    enrolledAt: row.enrolled_at,
    verdictSequence: row.verdict_sequence,
    boot: row.boot === null ? undefined : parseBoot(row.boot),
    untrustedBootId: row.boot_id ?? undefined,
    dueAt: row.due_at ?? undefined,
    quarantines,
  };
}

interface BootText {
  readonly clockMs: string;
  readonly resetCount: number;
  readonly restartCount: number;
  readonly safe: boolean;
  readonly firmwareVersion: string;
}

export function encodeBoot({ clock, firmwareVersion }: BootState): string {
  const text: BootText = {
    clockMs: clock.clockMs.toString(),
    resetCount: clock.resetCount,
    restartCount: clock.restartCount,
    safe: clock.safe,
    firmwareVersion: firmwareVersion.toString(),
  };
  return JSON.stringify(text);
}

function parseBoot(text: string): BootState {
  const { clockMs, firmwareVersion, ...counters } = JSON.parse(text) as BootText;
  return { clock: { ...counters, clockMs: BigInt(clockMs) }, firmwareVersion: BigInt(firmwareVersion) };
}

/** No challenge that a host asked for could be answered for longer: one of before was drawn then or later. */
const longestAskedMs = 300_000;

export function challengeOf(row: ChallengeRow): ChallengeRecord {
  return {
    id: row.id,
    hostId: row.host_id,
    epoch: row.epoch,
    nonce: bytesOf(row.nonce),
    heldPcrs: row.held_pcrs ?? undefined,
    heldEventLog: row.held_event_log ?? undefined,
    heldImaLog: row.held_ima_log ?? undefined,
    heldUserspaceLog: row.held_userspace_log ?? undefined,
    drawnAt: row.drawn_at ?? row.expires_at - longestAskedMs,
    expiresAt: row.expires_at,
    rides: row.rides === 1,
  };
}

/** A row that cannot be read is its own host's misfortune, and says so.
 * @throws ServerError STORAGE_ROW_UNREADABLE */
export function readRow<T>(hostId: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ServerError('STORAGE_ROW_UNREADABLE', `what is stored of host ${hostId} cannot be read`, { cause });
  }
}

/** As `readRow`, for lists: a damaged row has its place there. */
export function listRow<T>(hostId: string, read: () => T): T | UnreadableHost {
  try {
    return read();
  } catch {
    return { unreadable: hostId };
  }
}

export function verdictOf(row: VerdictRow): VerdictRecord {
  const voided =
    row.voided_at === null
      ? undefined
      : { at: row.voided_at, code: row.void_code ?? '', message: row.void_message ?? '' };
  return {
    hostId: row.host_id,
    epoch: row.epoch,
    sequence: row.sequence,
    verdict: readRow(row.host_id, () => parseVerdict(row.document)),
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    voided,
  };
}

/** Verdicts of before counted from the evidence, which came within minutes of its challenge. */
function parseVerdict(document: string): Verdict {
  const verdict = JSON.parse(document) as Omit<Verdict, 'challengedAt'>;
  return { challengedAt: verdict.issuedAt, ...verdict };
}

export function goldenOf(row: GoldenRow, signatures: readonly GoldenSignatureRecord[]): GoldenRecord {
  return { ...goldenHeadOf(row), payload: bytesOf(row.payload), signatures };
}

export function goldenHeadOf(row: Omit<GoldenRow, 'payload'>): GoldenHead {
  return {
    id: row.id,
    layer: row.layer,
    name: row.name,
    state: row.state,
    proposedAt: row.proposed_at,
    activatedAt: row.activated_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    endReason: row.end_reason ?? undefined,
    cve: row.cve ?? undefined,
    endedBy: row.ended_by ?? undefined,
  };
}

export function rolloutOf(row: RolloutRow): RolloutRecord {
  return {
    name: row.name,
    goldens: JSON.parse(row.goldens) as string[],
    predecessors: JSON.parse(row.predecessors) as string[],
    stages: JSON.parse(row.stages) as RolloutRecord['stages'],
    advance: row.advance,
    state: row.state,
    stage: row.stage,
    stageOpenedAt: row.stage_opened_at,
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
    endReason: row.end_reason ?? undefined,
  };
}

export function signerOf(row: SignerRow): SignerRecord {
  return {
    keyid: row.keyid,
    name: row.name,
    publicKeyPem: row.public_key_pem,
    layers: row.layers === null ? undefined : (JSON.parse(row.layers) as string[]),
    createdAt: row.created_at,
  };
}

export function policyOf(row: PolicyRow): PolicyRecord {
  return {
    id: row.id,
    version: row.version,
    document: JSON.parse(row.document) as Record<string, unknown>,
    hosts: JSON.parse(row.hosts) as HostSelector,
    createdAt: row.created_at,
  };
}

export function anchorOf(row: AnchorRow): AnchorRecord {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    certificate: bytesOf(row.certificate),
    revocation: row.revocation,
    staged: row.staged === 1,
    createdAt: row.created_at,
    withdrawn: row.withdrawn_at === null ? undefined : { at: row.withdrawn_at, reason: row.withdraw_reason ?? '' },
  };
}

export function registeredEkOf(row: RegisteredEkRow): RegisteredEkRecord {
  return {
    ekDigest: row.ek_digest,
    label: row.label,
    hostId: row.host_id ?? undefined,
    createdAt: row.created_at,
  };
}

export function tokenOf(row: TokenRow): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    hostId: row.host_id ?? undefined,
    secretHash: bytesOf(row.secret_hash),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    enrolmentsLeft: row.enrolments_left ?? undefined,
  };
}

export function auditOf(row: AuditRow): AuditRecord {
  return {
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    details: JSON.parse(row.details) as AuditRecord['details'],
    previousHash: bytesOf(row.previous_hash),
    hash: bytesOf(row.hash),
  };
}
