// admit: what relying parties and orchestrators ask.
import { decodeBase64url } from '../../../core/encoding/index.ts';
import { AttestationError } from '../../../core/error.ts';
import type { EarGeneration } from '../../../core/verdict/index.ts';
import { decideAdmission, decideAdmissions, mapRows, type Decision } from '../../admission/decide.ts';
import { signDecision } from '../../admission/decision-token.ts';
import { viewHostVerdict } from '../../attestation/view-verdict.ts';
import { waitUntil } from '../../events/stream.ts';
import { createVerdictToken, verdictToSay, type TokenWishes } from '../../attestation/verdict-token.ts';
import type { ServerContext } from '../../context.ts';
import { ServerError } from '../../errors.ts';
import { createPause } from '../../fleet/walk-fleet.ts';
import { once } from '../../once.ts';
import { soon, type Soon } from '../../soon.ts';
import type { ApiAnswer, Handlers } from '../handler.ts';
import { sayHeldVerdict } from '../say-verdict.ts';
import { formatDecision, questionOf, questionRows, wireBatchDecision, wireDecision } from '../wire/admission.ts';
import { present } from '../wire/present.ts';

type AdmitOperations = Pick<Handlers, 'getVerdict' | 'createAdmissionDecision' | 'createAdmissionBatch'>;

/** What one answer may hold: hosts of all requests together. */
const maximumBatch = 20_000;

export const admitOperations: AdmitOperations = {
  getVerdict: ({ path, query: { wait = 0, ...query }, accept, ifNoneMatch, signal }, context) => {
    const read = () =>
      soon(viewHostVerdict(context, path.hostId), (held) => {
        const saying = sayHeldVerdict(held, { accept, ...query });
        return { held, saying, isKnown: isNamed(saying.etag, ifNoneMatch) };
      });
    const last = soon(read(), (first) =>
      first.isKnown && wait > 0
        ? waitUntil(context, read, ({ isKnown }) => !isKnown, { seconds: wait, signal: signal() })
        : first,
    );
    return soon(last, ({ held, saying, isKnown }): Soon<ApiAnswer<'getVerdict'>> => {
      const headers = { etag: saying.etag, vary: 'Accept' };
      if (isKnown) return { status: 304, headers };
      // An answer in JSON needs no verdict to sign.
      const token =
        accept === 'application/json'
          ? undefined
          : createVerdictToken(context, verdictToSay(context, held), { mediaType: accept, ...wishesOf(query) });
      return soon(token, (raw): ApiAnswer<'getVerdict'> =>
        raw === undefined
          ? { status: 200, body: saying.body, kept: saying.kept, headers }
          : { status: 200, raw, headers },
      );
    });
  },
  createAdmissionDecision: async ({ body, accept }, context) => {
    const decision = await decideAdmission(context, questionOf(body.host, body));
    if (accept === 'text/plain') {
      const content = formatDecision(decision);
      return { status: 200, raw: { mediaType: 'text/plain', content }, headers: { vary: 'Accept' } };
    }
    return {
      status: 200,
      headers: { vary: 'Accept' },
      body: wireDecision(decision, await signDecision(context, decision, body.audience)),
    };
  },
  createAdmissionBatch: async ({ body: { requests, tokens = false } }, context) => {
    const total = requests.reduce((sum, { hosts }) => sum + hosts.length, 0);
    if (total > maximumBatch) {
      throw new ServerError('REQUEST_INVALID', `${total} hosts in all, ${maximumBatch} allowed`, { at: 'requests' });
    }
    const { decidedAt, decisions } = await decideAdmissions(context, questionRows(requests, tokens));
    const audiences = requests.map(({ audience }) => audience);
    const signed = tokens ? await signRows(context, decisions, audiences) : new Map<Decision, string>();
    const wire = once((decision: Decision) => wireBatchDecision(decision, signed.get(decision)));
    const items = await mapRows(decisions, wire);
    return { status: 200, body: { decidedAt: decidedAt.toISOString(), items }, repeated: 'items' };
  },
};

/** A decision that stands in several rows was asked for the same audience in all of them. Others have their turns: a signature takes as long as
 * many answers. */
async function signRows(
  context: ServerContext,
  rows: readonly (readonly Decision[])[],
  audiences: readonly (string | undefined)[],
): Promise<ReadonlyMap<Decision, string>> {
  const audienceOf = new Map(
    rows.flatMap((row, index) => row.map((decision) => [decision, audiences[index]] as const)),
  );
  const signed = new Map<Decision, string>();
  const pause = createPause();
  for (const [decision, audience] of audienceOf) {
    signed.set(decision, await signDecision(context, decision, audience));
    await pause();
  }
  return signed;
}

interface WireWishes {
  readonly generation?: EarGeneration;
  readonly audience?: string;
  readonly nonce?: string;
}

/** @throws ServerError REQUEST_INVALID */
function wishesOf({ generation, audience, nonce }: WireWishes): TokenWishes {
  return {
    ...present('generation', generation),
    ...present('audience', audience),
    ...present('nonce', readNonce(nonce)),
  };
}

function readNonce(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  try {
    const nonce = decodeBase64url(text);
    if (nonce.length >= 8 && nonce.length <= 64) return nonce;
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
  }
  throw new ServerError('REQUEST_INVALID', 'a nonce has 8 to 64 bytes, in base64url', { at: 'nonce' });
}

/** Compared weakly: a proxy may have marked our tag as weak. [RFC9110 §13.1.2] */
function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch?.trim() === '*') return true;
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true;
}
