import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  createDecisionJwt,
  createEarJwt,
  verifyDecisionJwt,
  type AdmissionDecision,
  type DecisionExpectation,
} from '../../../src/core/verdict/index.ts';
import { signCompact } from '../../../src/core/verdict/jws.ts';
import { createKeyPair } from '../crypto/test-keys.ts';
import { createEar, during, expiresAt, issuedAt } from './verdicts.ts';

const pair = createKeyPair('EdDSA');
const keys = [pair.verification];
const decision: AdmissionDecision = {
  issuer: 'https://touchstone.example',
  host: 'hypervisor-7',
  audience: 'nova',
  decision: 'allow',
  issuedAt,
  expiresAt,
};
const expectation: DecisionExpectation = {
  at: during,
  issuer: decision.issuer,
  audience: 'nova',
  host: 'hypervisor-7',
};

async function refuses(changes: Partial<DecisionExpectation>, code: string): Promise<void> {
  const token = await createDecisionJwt(decision, pair.signing);
  await assert.rejects(verifyDecisionJwt(token, keys, { ...expectation, ...changes }), { code });
}

describe('verifyDecisionJwt', () => {
  it('returns the decision that was signed, allow or deny', async () => {
    const denied = { ...decision, decision: 'deny', workload: 'vm-1', reasons: ['VERDICT_EXPIRED', 'X'] } as const;
    const held = { ...decision, heldUntil: expiresAt };
    const breakGlass = {
      statement: 'sha256:aa',
      until: expiresAt,
      signers: ['alice', 'bob'],
      reason: 'kernel hotfix',
      ticket: 'INC-4711',
    };
    for (const original of [decision, denied, held, { ...decision, breakGlass }]) {
      const token = await createDecisionJwt(original, pair.signing);
      assert.deepEqual(await verifyDecisionJwt(token, keys, expectation), original);
    }
  });

  it('refuses a decision about another host, for another audience, of another issuer, at another time', async () => {
    await refuses({ host: 'hypervisor-8' }, 'VERDICT_DECISION_HOST');
    await refuses({ audience: 'kube' }, 'VERDICT_TOKEN_AUDIENCE');
    await refuses({ issuer: 'https://evil.example' }, 'VERDICT_TOKEN_ISSUER');
    await refuses({ at: new Date(expiresAt.getTime() + 30_000) }, 'VERDICT_TOKEN_EXPIRED');
    await refuses({ at: new Date(issuedAt.getTime() - 31_000) }, 'VERDICT_TOKEN_NOT_YET_VALID');
  });

  it('rejects when there is nothing to verify', async () => {
    const token = await createDecisionJwt(decision, pair.signing);
    await assert.rejects(verifyDecisionJwt(token, [], expectation), { code: 'VERDICT_KEYS_EMPTY' });
    await assert.rejects(verifyDecisionJwt('', keys, expectation), { code: 'VERDICT_TOKEN_MALFORMED' });
  });

  it('refuses a verdict: that a host is good is no decision to place this workload', async () => {
    const token = await createEarJwt(createEar({ issuer: decision.issuer, audience: 'nova' }), pair.signing);
    await assert.rejects(verifyDecisionJwt(token, keys, expectation), { code: 'VERDICT_TOKEN_TYPE' });
  });

  it('refuses every flipped character', async () => {
    const token = await createDecisionJwt(decision, pair.signing);
    for (let index = 0; index < token.length; index += 1) {
      const character = token[index] === 'A' ? 'B' : 'A';
      const altered = token.slice(0, index) + character + token.slice(index + 1);
      await assert.rejects(verifyDecisionJwt(altered, keys, expectation));
    }
  });

  it('refuses claims that are missing or of the wrong type, though a trusted key signed them', async () => {
    const claims = { iss: decision.issuer, sub: 'hypervisor-7', aud: 'nova', iat: 1767225600, exp: 1767225900, decision: 'allow' }; // prettier-ignore
    const verify = async (change: object) => {
      const payload = encodeUtf8(JSON.stringify({ ...claims, ...change }));
      return verifyDecisionJwt(await signCompact(payload, pair.signing, 'touchstone-decision+jwt'), keys, expectation);
    };
    const ground = { statement: 's', until: 1767225900, signers: ['alice'], reason: 'r', ticket: 't' };
    for (const change of [{ unknown: 1 }, { exp: 253402300799 }, { break_glass: ground }])
      assert.ok(await verify(change));
    for (const change of [
      { iss: undefined },
      { sub: '' },
      { aud: ['nova'] },
      { iat: 1767225600.5 },
      { exp: undefined },
      { exp: '1767225900' },
      { exp: 1e300 },
      { exp: 253402300800 },
      { exp: -1 },
      { decision: 'Allow' },
      { decision: undefined },
      { decision: true },
      { workload: 1 },
      { reasons: 'X' },
      { reasons: [1] },
      { reasons: null },
      { held_until: 'soon' },
      { break_glass: 'alice' },
      { break_glass: [ground] },
      { break_glass: null },
      { break_glass: { ...ground, until: undefined } },
      { break_glass: { ...ground, signers: 'alice' } },
      { break_glass: { ...ground, signers: [1] } },
      { break_glass: { ...ground, statement: '' } },
    ]) {
      await assert.rejects(verify(change), { code: 'VERDICT_TOKEN_CLAIM' }, JSON.stringify(change));
    }
    const signers = { at: 'signers', message: 'signers: a list of texts expected' };
    await assert.rejects(
      verify({ break_glass: { ...ground, signers: [1] } }),
      signers,
      'names the claim that is wrong',
    );
    for (const payload of ['null', '[]', '"allow"', '1']) {
      const token = await signCompact(encodeUtf8(payload), pair.signing, 'touchstone-decision+jwt');
      await assert.rejects(verifyDecisionJwt(token, keys, expectation), { code: 'VERDICT_TOKEN_CLAIM' }, payload);
    }
  });
});
