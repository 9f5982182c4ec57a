// What a status rests on beside the evidence, in the shapes of the contract: a hold of lockout protection, or break-glass.
import type { components } from '../../../api/index.ts';
import type { Grant, HeldVerdict } from '../../attestation/host-verdict.ts';

type Schemas = components['schemas'];

export function wireGround({ hold, grant }: Pick<HeldVerdict, 'hold' | 'grant'>): {
  readonly held?: Schemas['Held'];
  readonly breakGlass?: Schemas['BreakGlassGrant'];
} {
  if (grant !== undefined) return { breakGlass: wireGrant(grant) };
  if (hold === undefined) return {};
  return { held: { since: hold.since.toISOString(), until: hold.until.toISOString(), reason: hold.reason } };
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
