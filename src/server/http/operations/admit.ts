// admit: what relying parties and orchestrators ask.
import { encodeBase64url } from '../../../core/encoding/index.ts';
import { hash } from '../../../core/crypto/index.ts';
import { encodeUtf8 } from '../../../core/encoding/index.ts';
import { decideAdmission, decideAdmissions, type Decision } from '../../admission/decide.ts';
import { signDecision } from '../../admission/decision-token.ts';
import { readHostVerdict } from '../../attestation/host-verdict.ts';
import { createVerdictToken, verdictToSign } from '../../attestation/verdict-token.ts';
import { ServerError } from '../../errors.ts';
import type { Handlers } from '../handler.ts';
import { wireHostVerdict } from '../wire.ts';
import { formatDecision, questionOf, wireBatchDecision, wireDecision } from '../wire-admission.ts';

type AdmitOperations = Pick<Handlers, 'getVerdict' | 'createAdmissionDecision' | 'createAdmissionBatch' | 'getJwks'>;

/** What one answer may hold: hosts of all requests together. */
const maximumBatch = 20_000;

export const admitOperations: AdmitOperations = {
  getVerdict: async ({ path, accept, ifNoneMatch }, context) => {
    const held = await readHostVerdict(context, path.hostId);
    const body = wireHostVerdict(held);
    // Of what is said, not of its bytes: a token is signed anew each time.
    const etag = `"${encodeBase64url(hash('sha256', encodeUtf8(`${accept}\n${JSON.stringify(body)}`)).subarray(0, 18))}"`;
    const headers = { etag, vary: 'Accept' };
    if (isNamed(etag, ifNoneMatch)) return { status: 304, headers };
    const raw = await createVerdictToken(context, verdictToSign(context, held), accept);
    return raw === undefined ? { status: 200, body, headers } : { status: 200, raw, headers };
  },
  createAdmissionDecision: async ({ body, accept }, context) => {
    const decision = await decideAdmission(context, questionOf(body.host, body));
    if (accept === 'text/plain') {
      const bytes = encodeUtf8(formatDecision(decision));
      return { status: 200, raw: { mediaType: 'text/plain', bytes }, headers: { vary: 'Accept' } };
    }
    return {
      status: 200,
      headers: { vary: 'Accept' },
      body: wireDecision(decision, await signDecision(context, decision, body.audience)),
    };
  },
  createAdmissionBatch: async ({ body }, context) => {
    const rows = body.requests.map((request) => request.hosts.map((host) => questionOf(host, request)));
    const total = rows.reduce((sum, row) => sum + row.length, 0);
    if (total > maximumBatch) {
      throw new ServerError('REQUEST_INVALID', `${total} hosts in all, ${maximumBatch} allowed`, { at: 'requests' });
    }
    const { decidedAt, decisions } = await decideAdmissions(context, rows);
    const items = decisions.map(async (row, index) => {
      const audience = body.requests[index]?.audience;
      const sign = async (decision: Decision) =>
        body.tokens === true ? signDecision(context, decision, audience) : undefined;
      return Promise.all(row.map(async (decision) => wireBatchDecision(decision, await sign(decision))));
    });
    return { status: 200, body: { decidedAt: decidedAt.toISOString(), items: await Promise.all(items) } };
  },
  getJwks: (_request, { keys }) =>
    Promise.resolve({
      status: 200,
      body: {
        keys: [{ ...keys.signing.publicJwk, kty: 'EC', kid: keys.signing.kid, alg: keys.signing.alg, use: 'sig' }],
      },
      headers: { 'cache-control': 'public, max-age=300' },
    }),
};

/** Compared weakly: a proxy may have marked our tag as weak. [RFC9110 §13.1.2] */
function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch?.trim() === '*') return true;
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true;
}
