// A host with what is said of it now, for who asks what a change would take from it.
import type { components } from '../../api/index.ts';
import type { HostView } from '../trust/hosts.ts';
import { present } from './wire.ts';
import { wireGround } from './wire-ground.ts';

type Schemas = components['schemas'];

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
