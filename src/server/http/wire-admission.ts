// Questions and decisions of admission in the shapes of the contract.
import type { AdmissionDecision, components } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import type { Decision, Question } from '../admission/decide.ts';
import { present, wireHold } from './wire.ts';
import { wireRemembered } from './wire-remembered.ts';

type Schemas = components['schemas'];
type WireDemands = Omit<Schemas['AdmissionRequest'], 'host' | 'audience'>;

const textLimit = 4096;

/** What a request demands of one host; what it leaves open demands nothing. */
export function questionOf(hostId: string, wire: WireDemands): Question {
  return {
    hostId,
    workload: wire.workload?.name,
    demands: {
      minimumStatus: wire.minimumStatus ?? 'affirming',
      maxAgeSeconds: wire.maxAgeSeconds,
      requireVector: wire.requireVector ?? {},
      requireLabels: wire.requireLabels ?? {},
      zone: wire.zone,
      tenant: wire.tenant,
      confidentialComputing: wire.confidentialComputing ?? false,
      refuseHeld: wire.refuseHeld ?? false,
    },
  };
}

export function wireDecision(decision: Decision, token: string): AdmissionDecision {
  const { held } = decision;
  const verdict = held?.verdict;
  return {
    ...wireBatchDecision(decision),
    decidedAt: decision.decidedAt.toISOString(),
    token,
    ...present('workload', decision.workload),
    ...present('verdict', verdict && { status: held.status, issuedAt: verdict.issuedAt, expiresAt: verdict.expiresAt }),
  };
}

/** For shells: who reads only the first line reads the decision. Reasons quote operators and hosts: one line each, whatever
 * they contain. */
export function formatDecision({ allow, reasons, held }: Decision): string {
  const why = reasons.map(({ code, message }) => `${code}: ${printable(message.slice(0, textLimit))}`);
  const hold = allow && held?.hold !== undefined ? [`HELD: until ${held.hold.until.toISOString()}`] : [];
  const { remembered } = held ?? {};
  const memory = remembered === undefined ? [] : [`REMEMBERED: as of ${remembered.asOf.toISOString()}`];
  return [allow ? 'allow' : 'deny', ...why, ...hold, ...memory, ''].join('\n');
}

export function wireBatchDecision(decision: Decision, token?: string): Schemas['BatchDecision'] {
  return {
    decision: decision.allow ? 'allow' : 'deny',
    host: decision.hostId,
    reasons: decision.reasons.map(({ code, message }) => ({ code, message: message.slice(0, textLimit) })),
    validUntil: decision.validUntil.toISOString(),
    ...present('held', decision.allow ? wireHold(decision.held?.hold) : undefined),
    ...present('remembered', wireRemembered(decision.held?.remembered)),
    ...present('token', token),
  };
}
