// Verdicts as signed tokens: EAR in a JWT or a CWT. [EAR]
import { createEarCwt, createEarJwt, earOf, type EarGeneration, type Verdict } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import type { HeldVerdict } from './host-verdict.ts';
import { verdictReasons } from './verdict-reasons.ts';

export interface VerdictToken {
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** What a relying party wishes of a token; what it leaves open is as configured. */
export interface TokenWishes {
  readonly generation?: EarGeneration;
  readonly audience?: string;
  readonly nonce?: Uint8Array;
}

/** The verdict in the wanted media type; undefined when that is JSON. */
export async function createVerdictToken(
  { keys, config, now }: ServerContext,
  verdict: Verdict,
  { mediaType, ...wishes }: TokenWishes & { readonly mediaType: string },
): Promise<VerdictToken | undefined> {
  if (mediaType !== 'application/eat+jwt' && mediaType !== 'application/eat+cwt') return undefined;
  const claims = earOf(verdict, {
    generation: config.tokens.generation,
    issuer: config.serverId,
    verifier: { developer: config.serverId, build: 'touchstone' },
    ...wishes,
  });
  const key = keys.signing.at(now());
  const content = mediaType === 'application/eat+jwt' ? await createEarJwt(claims, key) : createEarCwt(claims, key);
  return { mediaType, content };
}

type Sayable = Pick<HeldVerdict, 'hostId' | 'verdict' | 'reasons' | 'remembered'>;

/** What a token about a host may say now, and what the host itself is told: the verdict while it holds, and after that `none`, newly
 * said and soon over. From memory it says nothing for longer than memory counts. */
export function verdictToSay({ now, config }: Pick<ServerContext, 'now' | 'config'>, held: Sayable): Verdict {
  if (held.verdict !== undefined && held.reasons.length === 0) return endBy(held.verdict, held.remembered?.until);
  const at = now();
  return {
    host: held.hostId,
    status: 'none',
    vector: {},
    findings: held.reasons.map(({ code, message }) => ({
      code,
      severity: 'error',
      check: 'lifetime',
      message,
      remedy: verdictReasons[code].remedy,
    })),
    layers: {},
    evidenceDigest: held.verdict?.evidenceDigest ?? '',
    challengedAt: at.toISOString(),
    issuedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + config.admission.decisionSeconds * 1000).toISOString(),
  };
}

function endBy(verdict: Verdict, end: Date | undefined): Verdict {
  if (end === undefined || end >= new Date(verdict.expiresAt)) return verdict;
  return { ...verdict, expiresAt: end.toISOString() };
}
