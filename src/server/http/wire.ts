// Records and results in the shapes of the contract.
import type { AuditEntry, Host, HostVerdict, WireFinding, WireVerdict } from '../../api/index.ts';
import type { components } from '../../api/index.ts';
import type { PlatformStanding } from '../../core/appraisal/index.ts';
import { encodeHex, isoTime, printable } from '../../core/encoding/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import type { Finding, Verdict } from '../../core/verdict/index.ts';
import { auditFields } from '../audit/audit-chain.ts';
import type { ActorNames } from '../auth/actor-names.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { isProtected } from '../lockout/protected-hosts.ts';
import type { AuditRecord, DeviceIdentity, HostSelector, TokenRecord } from '../storage/index.ts';
import type { HostView } from '../trust/hosts.ts';
import { wireGround } from './wire-ground.ts';
import { wireRemembered } from './wire-remembered.ts';

type Schemas = components['schemas'];
type Layer = Schemas['Layer'];

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
    challengedAt: verdict.challengedAt,
    issuedAt: verdict.issuedAt,
    expiresAt: verdict.expiresAt,
    evidenceDigest: verdict.evidenceDigest,
    ...present('eventLogDigest', verdict.eventLogDigest),
    ...present('furtherGoldens', verdict.furtherGoldens && [...verdict.furtherGoldens]),
    ...present('policy', verdict.policy && { ...verdict.policy }),
    ...present('boot', verdict.boot && { ...verdict.boot }),
  };
}

export function wireHostVerdict(held: HeldVerdict): HostVerdict {
  const { hostId, state, status, reasons, verdict, remembered } = held;
  return {
    host: hostId,
    state,
    status,
    reasons: reasons.map((reason) => ({ ...reason })),
    ...present('verdict', verdict && wireVerdict(verdict)),
    ...wireGround(held),
    ...present('remembered', wireRemembered(remembered)),
  };
}

export function wireHost({ host, held }: HostView, { config }: Pick<ServerContext, 'config'>): Host {
  return {
    id: host.hostId,
    state: held.state,
    epoch: host.epoch,
    labels: { ...host.labels },
    ekDigest: encodeHex(host.ekDigest),
    akName: encodeHex(host.akName),
    ekVerified: host.endorser !== undefined,
    enrolledAt: isoTime(host.enrolledAt),
    status: held.status,
    ...present('protected', isProtected(config, host) || undefined),
    ...present('replaceUntil', host.replaceUntil === undefined ? undefined : isoTime(host.replaceUntil)),
    ...present('ekAnchor', host.endorser?.name),
    ...wireGround(held),
    ...present('verdictIssuedAt', held.verdict?.issuedAt),
    ...present('verdictExpiresAt', held.verdict?.expiresAt),
    ...present('dueAt', host.dueAt === undefined ? undefined : isoTime(host.dueAt)),
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

export function wireToken(token: TokenRecord): Schemas['Token'] {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: isoTime(token.createdAt),
    revoked: token.revokedAt !== undefined,
    ...present('enrolmentsLeft', token.enrolmentsLeft),
    ...present('hostId', token.hostId),
    ...present('expiresAt', token.expiresAt === undefined ? undefined : isoTime(token.expiresAt)),
  };
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
