// One host attests once, as its agent does: it comes back when the server says so, and after failures later and later.
import {
  ApiProblem,
  createApiClient,
  type AttestationResult,
  type Transport,
  type TransportOptions,
} from '../../api/index.ts';
import { backOff, createProver, describeFailure, exchangeEvidence, type NextChallenge } from '../../agent/index.ts';
import { decisiveFindings } from '../demo/step.ts';
import { sleepUnless } from '../signals.ts';
import type { SimulatedHost } from './fleet.ts';
import { countReason, type Outcome, type Tally } from './tally.ts';

export interface Road {
  readonly server: TransportOptions;
  /** Connections that all hosts share; absent: each attestation opens its own. */
  readonly kept: Transport | undefined;
  /** Aborted: hosts that wait for an appointment give up, and are not counted as lost. */
  readonly signal: AbortSignal;
  readonly random: () => number;
}

/** Appointments are kept however many there are, within reason; other failures end sooner. */
const maximumVisits = 100;
const maximumFailures = 12;

/** `since` is when the host wanted to attest, by `performance.now()`. */
export async function visit(road: Road, member: SimulatedHost, tally: Tally, since: number): Promise<void> {
  let [failures, sentAway] = [0, 0];
  for (let attempt = 0; attempt < maximumVisits && failures <= maximumFailures; attempt += 1) {
    const begun = performance.now();
    try {
      const result = await attestOnce(road, { ...member, next: countingBegun(member.next, tally) });
      tally.answer.add(performance.now() - begun);
      tally.heard.add(performance.now() - since);
      if (sentAway > 0) tally.cameBack += 1;
      countOutcome(tally, member, result);
      return;
    } catch (error) {
      const failure = describeFailure(error);
      if (failure === undefined) throw error;
      if (error instanceof ApiProblem && error.code === 'SERVER_BUSY') {
        sentAway += 1;
        tally.sentAway += 1;
        tally.sentAwayMost = Math.max(tally.sentAwayMost, sentAway);
      } else if (isCutOff(failure.code)) {
        tally.cutOff += 1;
      } else {
        tally.errors += 1;
        countReason(tally, failure.code);
      }
      await sleepUnless(backOff(failures, failure, road.random), road.signal);
      if (failure.retryAfterSeconds === undefined) failures += 1;
      if (road.signal.aborted) return;
    }
  }
  tally.lost += 1;
}

/** A challenge that is put back was to be answered, and the server had no time. */
function countingBegun(next: NextChallenge, tally: Tally): NextChallenge {
  const putBack: NextChallenge['putBack'] = (challenge) => {
    tally.sentAwayBegun += 1;
    next.putBack(challenge);
  };
  return { ...next, putBack };
}

/** The connection, and not what came over it. */
function isCutOff(code: string): boolean {
  return code === 'API_UNREACHABLE' || code === 'API_TIMEOUT';
}

/** @throws ApiProblem, ApiUnreachable, AgentError */
export async function attestOnce(
  { server, kept }: Road,
  { host, enrolment, next }: SimulatedHost,
): Promise<AttestationResult> {
  const credentials = { token: enrolment.hostToken, prove: createProver(host, enrolment) };
  const api = createApiClient({ ...server, ...credentials, ...(kept === undefined ? {} : { transport: kept }) });
  try {
    return await exchangeEvidence(api, host, enrolment, next);
  } finally {
    api.close();
  }
}

function countOutcome(tally: Tally, { host }: SimulatedHost, { verdict }: AttestationResult): void {
  const isTrusted = verdict.status === 'affirming';
  const isHonest = host.tampering.length === 0;
  const outcome: Outcome = isHonest
    ? isTrusted
      ? 'trusted'
      : 'refused-unexpectedly'
    : isTrusted
      ? 'trusted-unexpectedly'
      : 'refused-as-expected';
  tally.outcomes[outcome] += 1;
  if (outcome === 'refused-unexpectedly') countReason(tally, decisiveFindings(verdict)[0]?.code ?? 'NO_FINDING');
  if (outcome === 'trusted-unexpectedly') countReason(tally, host.tampering.join(' '));
}
