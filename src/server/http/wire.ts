// Records and results in the shapes of the contract.
import type {
  AuditEntry,
  GoldenMeasurement,
  Host,
  HostVerdict,
  Policy,
  WireFinding,
  WireVerdict,
} from '../../api/index.ts';
import type { components } from '../../api/index.ts';
import type { PlatformStanding } from '../../core/appraisal/index.ts';
import { encodeBase64, encodeHex, printable } from '../../core/encoding/index.ts';
import { goldenPayloadType, isValidAt, type ApprovedGolden } from '../../core/golden/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import type { Finding, Verdict } from '../../core/verdict/index.ts';
import { auditFields } from '../audit/audit-chain.ts';
import type { HeldVerdict, Hold } from '../attestation/host-verdict.ts';
import type { GoldenView } from '../golden/approve.ts';
import { ServerError } from '../errors.ts';
import type {
  AuditRecord,
  DeviceIdentity,
  HostSelector,
  IntermediateSourceRecord,
  PolicyRecord,
  RegisteredEkRecord,
  RolloutRecord,
  SignerRecord,
  TokenRecord,
} from '../storage/index.ts';
import type { AnchorView } from '../trust/anchors.ts';
import type { IntermediatesView, IntermediateView } from '../trust/intermediates.ts';
import type { RevocationListView } from '../trust/revocation-lists.ts';
import type { HostView } from '../trust/hosts.ts';

type Schemas = components['schemas'];
type Layer = Schemas['Layer'];

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** `{ name: value }`, or nothing when there is no value: absent fields stay absent on the wire. */
export function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

const textLimit = 4096;

export function wireFinding(finding: Finding): WireFinding {
  const { code, severity, check, message, remedy, layer, pcr, event, golden, expected, observed } = finding;
  return {
    code,
    severity,
    check,
    message: message.slice(0, textLimit),
    remedy: remedy.slice(0, textLimit),
    ...present('layer', layer as Layer | undefined),
    ...present('pcr', pcr),
    ...present('event', event),
    ...present('golden', golden),
    ...present('expected', expected?.slice(0, textLimit)),
    ...present('observed', observed?.slice(0, textLimit)),
  };
}

export function wireVerdict(verdict: Verdict): WireVerdict {
  return {
    host: verdict.host,
    status: verdict.status,
    vector: { ...verdict.vector },
    findings: verdict.findings.map(wireFinding),
    layers: { ...verdict.layers },
    issuedAt: verdict.issuedAt,
    expiresAt: verdict.expiresAt,
    evidenceDigest: verdict.evidenceDigest,
    ...present('eventLogDigest', verdict.eventLogDigest),
    ...present('furtherGoldens', verdict.furtherGoldens && [...verdict.furtherGoldens]),
    ...present('policy', verdict.policy && { ...verdict.policy }),
    ...present('boot', verdict.boot && { ...verdict.boot }),
  };
}

export function wireHold(hold: Hold | undefined): Schemas['Held'] | undefined {
  return hold && { since: hold.since.toISOString(), until: hold.until.toISOString(), reason: hold.reason };
}

export function wireHostVerdict({ hostId, state, status, reasons, verdict, hold }: HeldVerdict): HostVerdict {
  return {
    host: hostId,
    state,
    status,
    reasons: reasons.map((reason) => ({ ...reason })),
    ...present('verdict', verdict && wireVerdict(verdict)),
    ...present('held', wireHold(hold)),
  };
}

export function wireHost({ host, held }: HostView): Host {
  return {
    id: host.hostId,
    state: held.state,
    epoch: host.epoch,
    labels: { ...host.labels },
    ekDigest: encodeHex(host.ekDigest),
    akName: encodeHex(host.akName),
    ekVerified: host.endorser !== undefined,
    enrolledAt: timeOf(host.enrolledAt),
    status: held.status,
    ...present('replaceUntil', host.replaceUntil === undefined ? undefined : timeOf(host.replaceUntil)),
    ...present('ekAnchor', host.endorser?.name),
    ...present('held', wireHold(held.hold)),
    ...present('verdictIssuedAt', held.verdict?.issuedAt),
    ...present('verdictExpiresAt', held.verdict?.expiresAt),
    ...present('dueAt', host.dueAt === undefined ? undefined : timeOf(host.dueAt)),
  };
}

export function wireDeviceIdentity({ certificate }: DeviceIdentity): Host['deviceIdentity'] {
  const { subject, hardwareModule, notAfter } = parseCertificate(certificate);
  const serial = printable(new TextDecoder('latin1').decode(hardwareModule?.serial), 256);
  return { subject, serial, notAfter: notAfter.toISOString() };
}

export function wirePlatform(platform: PlatformStanding): Schemas['Platform'] {
  if ('refused' in platform) return { proven: false, ...platform.refused };
  const { manufacturer, model, version, serial, components } = platform.facts;
  return {
    proven: true,
    anchor: platform.anchor,
    manufacturer,
    model,
    version,
    ...present('serial', serial),
    components: components.map((component) => ({
      ...present('class', component.classHex),
      manufacturer: component.manufacturer,
      model: component.model,
      ...present('serial', component.serial),
      ...present('revision', component.revision),
      ...present('fieldReplaceable', component.fieldReplaceable),
    })),
  };
}

/** What a golden measurement is told against: the clock, those in force, and rollouts that keep some from hosts. */
export interface GoldenSurroundings {
  readonly quorum: number;
  readonly at: Date;
  readonly inForce: readonly ApprovedGolden[];
  readonly keeperOf: (id: string) => RolloutRecord | undefined;
}

export function wireGolden(
  { record, statement, signatures }: GoldenView,
  { quorum, at, inForce, keeperOf }: GoldenSurroundings,
): GoldenMeasurement {
  const { id } = record;
  const isOver = record.state === 'retired' || record.state === 'revoked';
  const keeper = isOver ? undefined : keeperOf(id);
  const valid = inForce.filter((golden) => isValidAt(golden.statement, at));
  return {
    id,
    layer: record.layer as Layer,
    name: record.name,
    state: record.state,
    inForce: valid.some((golden) => golden.id === id),
    quorum,
    signatures: signatures.map(({ keyid, signer }) => ({ keyid, signer })),
    proposedAt: timeOf(record.proposedAt),
    ...present('description', statement?.description),
    ...present('notBefore', statement?.notBefore?.toISOString()),
    ...present('notAfter', statement?.notAfter?.toISOString()),
    ...present('supersedes', statement?.supersedes),
    ...present('supersededBy', valid.find((golden) => golden.statement.supersedes === id)?.id),
    ...present('keptBack', keeper && wireKeeper(keeper)),
    ...present('activatedAt', record.activatedAt === undefined ? undefined : timeOf(record.activatedAt)),
    ...present('endedAt', record.endedAt === undefined ? undefined : timeOf(record.endedAt)),
    ...present('endReason', record.endReason),
    ...present('cve', record.cve),
  };
}

function wireKeeper({ name, state }: RolloutRecord): NonNullable<GoldenMeasurement['keptBack']> {
  return { rollout: name, state: state === 'running' ? 'running' : 'rolled-back' };
}

export function wireEnvelope({ payload, signatures }: GoldenView['record']): Schemas['DsseEnvelope'] {
  return {
    payloadType: goldenPayloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({ sig: encodeBase64(sig), ...present('keyid', keyid) })),
  };
}

export function wirePolicy({ id, version, document, hosts, createdAt }: PolicyRecord): Policy {
  const { layers, bank, verdictSeconds, requireFacts, conditions, platformCertificate, description } =
    document as Partial<Policy>;
  return {
    id,
    version,
    layers: layers ?? [],
    bank: bank ?? 'sha256',
    verdictSeconds: verdictSeconds ?? 0,
    hosts: hosts as Policy['hosts'],
    createdAt: timeOf(createdAt),
    ...present('requireFacts', requireFacts),
    ...present('conditions', conditions),
    ...present('platformCertificate', platformCertificate),
    ...present('description', description),
  };
}

export function wireSigner({ name, keyid, publicKeyPem, layers, createdAt }: SignerRecord): Schemas['Signer'] {
  return {
    name,
    keyid,
    publicKeyPem,
    createdAt: timeOf(createdAt),
    ...present('layers', layers && ([...layers] as Layer[])),
  };
}

export function wireAnchor({ record, certificate }: AnchorView): Schemas['TrustAnchor'] {
  const { id, name, scope, revocation, staged, createdAt, withdrawn } = record;
  const { subject, notAfter } = certificate;
  return {
    id,
    name,
    scope,
    revocation,
    staged,
    subject,
    notAfter: notAfter.toISOString(),
    createdAt: timeOf(createdAt),
    ...present('withdrawnAt', withdrawn && timeOf(withdrawn.at)),
    ...present('withdrawnBecause', withdrawn?.reason),
  };
}

export function wireIntermediate({ record, certificate }: IntermediateView): Schemas['Intermediate'] {
  const { subject, issuer, subjectKeyIdHex } = certificate;
  return {
    id: record.id,
    subject,
    issuer,
    notAfter: timeOf(record.notAfter),
    storedAt: timeOf(record.storedAt),
    ...present('keyId', subjectKeyIdHex),
    ...present('url', record.url),
  };
}

export function wireIntermediateSource(source: IntermediateSourceRecord): Schemas['IntermediateSource'] {
  const { id, url, keyIdHex, name, createdAt, askedAt, failure } = source;
  return {
    id,
    url,
    createdAt: timeOf(createdAt),
    ...present('keyId', keyIdHex),
    ...present('name', name),
    ...present('askedAt', askedAt === undefined ? undefined : timeOf(askedAt)),
    ...present('failure', failure),
  };
}

export function wireIntermediates({ items, sources, missing }: IntermediatesView): Schemas['Intermediates'] {
  return {
    items: items.map(wireIntermediate),
    sources: sources.map(wireIntermediateSource),
    missing: missing.map(({ name, keyIdHex, firstAt, lastAt }) => ({
      name,
      firstAt: timeOf(firstAt),
      lastAt: timeOf(lastAt),
      ...present('keyId', keyIdHex),
    })),
  };
}

export function wireRevocationList({ record, list }: RevocationListView, now: Date): Schemas['RevocationList'] {
  const { thisUpdate, nextUpdate } = list;
  return {
    id: record.id,
    issuer: list.issuer,
    thisUpdate: thisUpdate.toISOString(),
    ...present('nextUpdate', nextUpdate?.toISOString()),
    stale: nextUpdate === undefined || nextUpdate < now,
    entries: list.revoked.size,
    storedAt: timeOf(record.storedAt),
    ...present('url', record.url),
  };
}

export function wireRegisteredEk({ ekDigest, label, hostId, createdAt }: RegisteredEkRecord): Schemas['RegisteredEk'] {
  return { ekDigest, label, createdAt: timeOf(createdAt), ...present('hostId', hostId) };
}

export function wireToken(token: TokenRecord): Schemas['Token'] {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: timeOf(token.createdAt),
    revoked: token.revokedAt !== undefined,
    ...present('enrolmentsLeft', token.enrolmentsLeft),
    ...present('hostId', token.hostId),
    ...present('expiresAt', token.expiresAt === undefined ? undefined : timeOf(token.expiresAt)),
  };
}

export function wireAudit(entry: AuditRecord): AuditEntry {
  return { ...(auditFields(entry) as unknown as AuditEntry), hash: encodeHex(entry.hash) };
}

/** @throws ServerError REQUEST_INVALID when it selects nobody */
export function selectorOf(hosts: {
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly all?: boolean;
}): HostSelector {
  if (hosts.names !== undefined) return { names: hosts.names };
  if (hosts.labels !== undefined) return { labels: hosts.labels };
  if (hosts.all === true) return { all: true };
  throw new ServerError('REQUEST_INVALID', 'names, labels or all: true is expected', { at: 'hosts' });
}
