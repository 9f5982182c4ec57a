// A decision as a signed token, for whoever enforces it elsewhere.
import { createDecisionJwt, type AdmissionDecision } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
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
      ...(decision.allow && decision.held !== undefined ? groundOf(decision.held) : {}),
      ...(decision.workload === undefined ? {} : { workload: decision.workload }),
    },
    keys.signing.at(decision.decidedAt),
  );
}

function groundOf({ hold, grant }: HeldVerdict): Pick<AdmissionDecision, 'heldUntil' | 'breakGlass'> {
  if (grant === undefined) return hold === undefined ? {} : { heldUntil: hold.until };
  const { statement, until, signers, reason, ticket } = grant;
  return { breakGlass: { statement, until, signers, reason, ticket } };
}
