// Hosts, and what vouches for their machines, in the shapes of the contract.
import type { components, Host } from '../../../api/index.ts';
import type { PlatformStanding } from '../../../core/appraisal/index.ts';
import { encodeHex, isoTime, printable } from '../../../core/encoding/index.ts';
import { parseCertificate } from '../../../core/x509/index.ts';
import type { ServerContext } from '../../context.ts';
import { isProtected } from '../../lockout/protected-hosts.ts';
import type { DeviceIdentity } from '../../storage/index.ts';
import type { HostView } from '../../trust/hosts.ts';
import { wireGround } from './ground.ts';
import { present } from './present.ts';

type Schemas = components['schemas'];

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

/** With what is said of it now, for who asks what a change would take from it. */
export function wireHeldHost({ host, held }: HostView): {
  readonly host: string;
  readonly state: Schemas['HostState'];
  readonly status: Schemas['Status'];
  readonly verdictExpiresAt?: string;
  readonly held?: Schemas['Held'];
  readonly breakGlass?: Schemas['BreakGlassGrant'];
} {
  const { state, status, reasons, verdict } = held;
  const isHeld = reasons.length === 0 && verdict !== undefined;
  return {
    host: host.hostId,
    state,
    status,
    ...present('verdictExpiresAt', isHeld ? verdict.expiresAt : undefined),
    ...wireGround(held),
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
