// What a status rests on beside the evidence, in the shapes of the contract: a hold of lockout protection, or break-glass.
import type { components } from '../../api/index.ts';
import type { Grant, HeldVerdict } from '../attestation/host-verdict.ts';
import type { HostView } from '../trust/hosts.ts';
import { present } from './wire.ts';

type Schemas = components['schemas'];

export function wireGround({ hold, grant }: Pick<HeldVerdict, 'hold' | 'grant'>): {
  readonly held?: Schemas['Held'];
  readonly breakGlass?: Schemas['BreakGlassGrant'];
} {
  if (grant !== undefined) return { breakGlass: wireGrant(grant) };
  if (hold === undefined) return {};
  return { held: { since: hold.since.toISOString(), until: hold.until.toISOString(), reason: hold.reason } };
}

/** What is said of a host now, for who asks what a change would take from it. */
export function wireStanding({ host, held }: HostView): {
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

export function wireGrant({ statement, since, until, reason, ticket, signers }: Grant): Schemas['BreakGlassGrant'] {
  return {
    statement,
    since: since.toISOString(),
    until: until.toISOString(),
    reason,
    ticket,
    signers: [...signers],
  };
}
