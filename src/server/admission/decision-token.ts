// A decision as a signed token, for whoever enforces it elsewhere.
import { createDecisionJwt } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import type { Decision } from './decide.ts';

/** Whom a decision is for when the caller names nobody. */
const defaultAudience = 'touchstone:admission';

export async function signDecision(
  { keys, config }: ServerContext,
  decision: Decision,
  audience: string = defaultAudience,
): Promise<string> {
  return createDecisionJwt(
    {
      issuer: config.serverId,
      host: decision.hostId,
      audience,
      decision: decision.allow ? 'allow' : 'deny',
      issuedAt: decision.decidedAt,
      expiresAt: decision.validUntil,
      reasons: decision.reasons.map(({ code }) => code),
      ...(decision.allow && decision.held?.hold !== undefined ? { heldUntil: decision.held.hold.until } : {}),
      ...(decision.workload === undefined ? {} : { workload: decision.workload }),
    },
    keys.signing.at(decision.decidedAt),
  );
}
