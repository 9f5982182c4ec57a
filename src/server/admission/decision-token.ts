// A decision as a signed token, for whoever enforces it elsewhere.
import { SignJWT } from 'jose';
import { encodeBase64url } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import type { Decision } from './decide.ts';

export const decisionTokenType = 'touchstone-decision+jwt';

export async function signDecision({ keys, config, random }: ServerContext, decision: Decision): Promise<string> {
  const { signing } = keys;
  const claims = {
    decision: decision.allow ? 'allow' : 'deny',
    reasons: decision.reasons.map(({ code }) => code),
    status: decision.held?.status ?? 'none',
    ...(decision.workload === undefined ? {} : { workload: decision.workload }),
    ...(decision.held?.verdict === undefined ? {} : { evidence: decision.held.verdict.evidenceDigest }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: signing.alg, kid: signing.kid, typ: decisionTokenType })
    .setIssuer(config.serverId)
    .setSubject(decision.hostId)
    .setIssuedAt(Math.floor(decision.decidedAt.getTime() / 1000))
    .setExpirationTime(Math.floor(decision.validUntil.getTime() / 1000))
    .setJti(encodeBase64url(random(16)))
    .sign(signing.privateKey);
}
