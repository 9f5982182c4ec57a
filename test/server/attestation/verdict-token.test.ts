// What is said of a host in a token, without a server.
import assert from 'node:assert/strict';
import { verifyEarCwt, verifyEarJwt } from '../../../src/core/verdict/index.ts';
import { verdictReasons } from '../../../src/server/attestation/verdict-reasons.ts';
import { createVerdictToken, verdictToSay, type TokenWishes } from '../../../src/server/attestation/verdict-token.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { createKeyPair } from '../../core/crypto/test-keys.ts';
import { after, lifeSeconds, verdictOf } from '../../support/believed-records.ts';

const { signing, verification } = createKeyPair('ES256');
const context = {
  config: { serverId: 'test.example', tokens: { generation: 'draft-2025' }, admission: { decisionSeconds: 60 } },
  keys: { signing: { at: () => signing } },
  now: () => after(10),
} as unknown as ServerContext;
const trusted = verdictOf('affirming');

describe('what a token says of a host', () => {
  const held = { hostId: 'hv-1', verdict: trusted, reasons: [] } as const;
  const rebooted = { code: 'HOST_REBOOTED', message: 'it said so', remedy: 'attest again' } as const;

  it('is its verdict, as long as that holds', () => {
    assert.deepEqual(verdictToSay(context, held), trusted);
  });

  it('is none where the verdict does not hold, and why, from now until a decision would end', () => {
    const { status, layers, vector, evidenceDigest, findings, ...said } = verdictToSay(context, {
      ...held,
      reasons: [rebooted],
    });
    assert.deepEqual([status, layers, vector], ['none', {}, {}]);
    assert.equal(evidenceDigest, trusted.evidenceDigest, 'of what it was appraised by last');
    assert.deepEqual(
      findings.map(({ code, severity, message, remedy }) => [code, severity, message, remedy]),
      [['HOST_REBOOTED', 'error', 'it said so', verdictReasons.HOST_REBOOTED.remedy]],
    );
    const at = after(10).toISOString();
    assert.deepEqual(said, { host: 'hv-1', challengedAt: at, issuedAt: at, expiresAt: after(70).toISOString() });
  });

  it('is none of one that never attested, by no evidence', () => {
    const none = { code: 'VERDICT_NONE', message: 'it never attested', remedy: 'attest' } as const;
    const { status, evidenceDigest } = verdictToSay(context, { ...held, verdict: undefined, reasons: [none] });
    assert.deepEqual([status, evidenceDigest], ['none', '']);
  });

  it('ends with memory where the database is away, and never later than the verdict', () => {
    const remembered = (seconds: number) =>
      verdictToSay(context, { ...held, remembered: { asOf: after(0), until: after(seconds) } });
    assert.deepEqual(remembered(100), { ...trusted, expiresAt: after(100).toISOString() });
    assert.deepEqual(remembered(lifeSeconds + 100), trusted);
  });
});

describe('a token of a verdict', () => {
  const create = (mediaType: string, wishes: TokenWishes = {}) =>
    createVerdictToken(context, trusted, { mediaType, ...wishes });
  const at = { at: after(10), issuer: 'test.example' };

  it('is a JWT or a CWT that verifies with the key of now, and nothing where JSON is wanted', async () => {
    const jwt = await create('application/eat+jwt');
    const cwt = await create('application/eat+cwt');
    assert.deepEqual([jwt?.mediaType, cwt?.mediaType], ['application/eat+jwt', 'application/eat+cwt']);
    await verifyEarJwt(String(jwt?.content), [verification], at);
    verifyEarCwt(cwt?.content as Uint8Array, [verification], at);
    assert.equal(await create('application/json'), undefined);
  });

  it('is for whom, over which nonce and of which generation it was wished, else as configured', async () => {
    const earOf = async (wishes?: TokenWishes) => {
      const token = await create('application/eat+jwt', wishes);
      const { ear } = await verifyEarJwt(String(token?.content), [verification], { ...at, ...asked(wishes) });
      return [ear.generation, ear.audience, ear.nonces.length];
    };
    const asked = ({ audience, nonce }: TokenWishes = {}) => ({
      ...(audience && { audience }),
      ...(nonce && { nonce }),
    });
    const nonce = new Uint8Array(16).fill(7);
    const wished = { generation: 'veraison-2023', audience: 'a scheduler', nonce } as const;
    assert.deepEqual(await earOf(wished), ['veraison-2023', ['a scheduler'], 1]);
    assert.deepEqual(await earOf(), ['draft-2025', [], 0]);
  });
});
