// Questions and decisions of admission in the shapes of the contract.
import type { AdmissionDecision, components } from '../../../api/index.ts';
import { isoTime, printable } from '../../../core/encoding/index.ts';
import type { Verdict } from '../../../core/verdict/index.ts';
import type { HeldVerdict } from '../../attestation/host-verdict.ts';
import type { Decision, Question } from '../../admission/decide.ts';
import { wireGrant, wireGround } from './ground.ts';
import { wireRemembered } from './remembered.ts';
import { present } from './present.ts';

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

type WireRow = Schemas['AdmissionBatchRequest']['requests'][number];

/** The questions of a batch, row by row: about one host with the same demands it is one and the same question. */
export function questionRows(requests: readonly WireRow[], areSigned: boolean): readonly (readonly Question[])[] {
  const known = new Map<string, Map<string, Question>>();
  return requests.map(({ hosts, workload, audience, ...demands }) => {
    // Only a token says what it is for, and for whom.
    const key = JSON.stringify(areSigned ? [demands, workload, audience] : [demands]);
    const asked = known.get(key) ?? new Map<string, Question>();
    known.set(key, asked);
    return hosts.map((host) => {
      let question = asked.get(host);
      if (question === undefined) {
        question = questionOf(host, { ...demands, ...present('workload', workload) });
        asked.set(host, question);
      }
      return question;
    });
  });
}

export function wireDecision(decision: Decision, token: string): AdmissionDecision {
  const { held } = decision;
  const verdict = held?.verdict;
  return {
    ...wireBatchDecision(decision),
    decidedAt: isoTime(decision.decidedAt.getTime()),
    token,
    ...present('workload', decision.workload),
    ...present('verdict', verdict && wireTimes(held.status, verdict)),
  };
}

function wireTimes(status: HeldVerdict['status'], { challengedAt, issuedAt, expiresAt }: Verdict) {
  return { status, challengedAt, issuedAt, expiresAt };
}

/** For shells: who reads only the first line reads the decision. Reasons quote operators and hosts: one line each, whatever
 * they contain. */
export function formatDecision({ allow, reasons, held }: Decision): string {
  const why = reasons.map(({ code, message }) => `${code}: ${printable(message.slice(0, textLimit))}`);
  const ground = allow && held !== undefined ? describeGround(held) : [];
  const { remembered } = held ?? {};
  const memory = remembered === undefined ? [] : [`REMEMBERED: as of ${remembered.asOf.toISOString()}`];
  return [allow ? 'allow' : 'deny', ...why, ...ground, ...memory, ''].join('\n');
}

function describeGround({ hold, grant }: HeldVerdict): readonly string[] {
  if (grant === undefined) return hold === undefined ? [] : [`HELD: until ${hold.until.toISOString()}`];
  const { until, signers, reason, ticket, statement } = grant;
  const who = printable(signers.join(', '));
  return [
    `BREAK-GLASS: until ${until.toISOString()}, by ${who}: ${printable(reason)} (${printable(ticket)}, ${statement})`,
  ];
}

function groundOf({ held, decidedAt }: Decision): Pick<Schemas['BatchDecision'], 'ground' | 'held' | 'breakGlass'> {
  if (held?.grant === undefined) return held?.hold === undefined ? {} : { ground: 'hold', ...wireGround(held) };
  const remainingSeconds = Math.ceil((held.grant.until.getTime() - decidedAt.getTime()) / 1000);
  return { ground: 'break-glass', breakGlass: { ...wireGrant(held.grant), remainingSeconds } };
}

export function wireBatchDecision(decision: Decision, token?: string): Schemas['BatchDecision'] {
  return {
    decision: decision.allow ? 'allow' : 'deny',
    host: decision.hostId,
    reasons: decision.reasons.map(({ code, message }) => ({ code, message: message.slice(0, textLimit) })),
    validUntil: isoTime(decision.validUntil.getTime()),
    ...(decision.allow ? groundOf(decision) : {}),
    ...present('remembered', wireRemembered(decision.held?.remembered)),
    ...present('token', token),
  };
}
