// admit: what relying parties and orchestrators ask.
import { encodeBase64url } from '../../../core/encoding/index.ts';
import { hash } from '../../../core/crypto/index.ts';
import { encodeUtf8 } from '../../../core/encoding/index.ts';
import { decideAdmission } from '../../admission/decide.ts';
import { signDecision } from '../../admission/decision-token.ts';
import { readHostVerdict } from '../../attestation/host-verdict.ts';
import { createVerdictToken, verdictToSign } from '../../attestation/verdict-token.ts';
import type { Handlers } from '../handler.ts';
import { present, wireHostVerdict } from '../wire.ts';

export const admitOperations: Pick<Handlers, 'getVerdict' | 'createAdmissionDecision' | 'getJwks'> = {
  getVerdict: async ({ path, accept, ifNoneMatch }, context) => {
    const held = await readHostVerdict(context, path.hostId);
    const body = wireHostVerdict(held);
    // Of what is said, not of its bytes: a token is signed anew each time.
    const etag = `"${encodeBase64url(hash('sha256', encodeUtf8(`${accept}\n${JSON.stringify(body)}`)).subarray(0, 18))}"`;
    const headers = { etag, vary: 'Accept' };
    if (ifNoneMatch?.split(',').some((tag) => tag.trim() === etag) === true) return { status: 304, headers };
    const raw = await createVerdictToken(context, verdictToSign(context, held), accept);
    return raw === undefined ? { status: 200, body, headers } : { status: 200, raw, headers };
  },
  createAdmissionDecision: async ({ body }, context) => {
    const decision = await decideAdmission(context, {
      hostId: body.host,
      workload: body.workload?.name,
      minimumStatus: body.minimumStatus ?? 'affirming',
      maxAgeSeconds: body.maxAgeSeconds,
      requireVector: body.requireVector ?? {},
    });
    const { held } = decision;
    return {
      status: 200,
      body: {
        decision: decision.allow ? 'allow' : 'deny',
        host: decision.hostId,
        reasons: decision.reasons.map(({ code, message }) => ({ code, message: message.slice(0, 4096) })),
        decidedAt: decision.decidedAt.toISOString(),
        validUntil: decision.validUntil.toISOString(),
        token: await signDecision(context, decision, body.audience),
        ...present('workload', decision.workload),
        ...present(
          'verdict',
          held?.verdict && {
            status: held.status,
            issuedAt: held.verdict.issuedAt,
            expiresAt: held.verdict.expiresAt,
          },
        ),
      },
    };
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
