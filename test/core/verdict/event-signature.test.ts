import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { createDecisionJwt, signDetached, signEvent, verifyEvent } from '../../../src/core/verdict/index.ts';
import { MalformedError, VerificationError } from '../../../src/core/error.ts';

const at = new Date('2026-11-25T12:00:00Z');
const body = encodeUtf8('{"id":"7"}');

function keyPair(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const trusted = { kid, alg: 'ES256', publicKey: publicKeyFromHandle(publicKey) } as const;
  return { trusted, signing: { kid, alg: 'ES256', privateKey } as const };
}

const ours = keyPair('ours');
const next = keyPair('next');
const sign = (bytes = body, key = ours.signing) => signEvent(bytes, { key, subscription: 'sub_1', at });
const refused = async (code: string, work: Promise<unknown>) => {
  await assert.rejects(work, (error) => (error instanceof VerificationError || error instanceof MalformedError) && error.code === code); // prettier-ignore
};

describe('the signature of events', () => {
  it('1: proves the bytes of a body, by the key that it names among several', async () => {
    const keys = [next.trusted, ours.trusted];
    assert.equal(await verifyEvent(body, await sign(), keys, { at, subscription: 'sub_1' }), 'ours');
    assert.equal(await verifyEvent(body, await sign(body, next.signing), keys, { at }), 'next');
    assert.match(await sign(), /^[\w-]+\.\.[\w-]+$/);
  });

  it('1: refuses every changed bit of the body, and every changed character of the signature', async () => {
    const signature = await sign();
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Uint8Array.from(body);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await refused('VERDICT_TOKEN_SIGNATURE', verifyEvent(changed, signature, [ours.trusted], { at }));
    }
    for (let index = 0; index < signature.length; index += 1) {
      const other = signature[index] === 'A' ? 'B' : 'A';
      const changed = signature.slice(0, index) + other + signature.slice(index + 1);
      await assert.rejects(verifyEvent(body, changed, [ours.trusted], { at }));
    }
  });

  it('1: refuses strangers, no keys, other types, and a signature that brings its own payload', async () => {
    await refused('VERDICT_TOKEN_KEY_UNKNOWN', verifyEvent(body, await sign(), [next.trusted], { at }));
    await refused('VERDICT_KEYS_EMPTY', verifyEvent(body, await sign(), [], { at }));
    const decision = { issuer: 'i', host: 'h', audience: 'a', decision: 'allow', issuedAt: at, expiresAt: at } as const;
    const [header, payload, mac] = (await createDecisionJwt(decision, ours.signing)).split('.');
    const bytes = Uint8Array.from(Buffer.from(payload ?? '', 'base64url'));
    await refused('VERDICT_TOKEN_TYPE', verifyEvent(bytes, `${header}..${mac}`, [ours.trusted], { at }));
    for (const signature of ['', '..', 'x', (await sign()).replace('..', '.e30.'), `${await sign()}.x`]) {
      await refused('VERDICT_TOKEN_MALFORMED', verifyEvent(body, signature, [ours.trusted], { at }));
    }
  });

  it('2: refuses what was signed for another subscription', async () => {
    await refused(
      'VERDICT_TOKEN_AUDIENCE',
      verifyEvent(body, await sign(), [ours.trusted], { at, subscription: 'sub_2' }),
    );
  });

  it('3: refuses a signature that is older than the tolerance, or of the future', async () => {
    const check = async (seconds: number) =>
      verifyEvent(body, await sign(), [ours.trusted], { at: new Date(at.getTime() + seconds * 1000) });
    await check(300);
    await check(-300);
    await refused('VERDICT_TOKEN_EXPIRED', check(301));
    await refused('VERDICT_TOKEN_NOT_YET_VALID', check(-301));
  });

  it('3: refuses a signature that does not say in a number when it was made', async () => {
    for (const iat of [undefined, null, `${at.getTime() / 1000}`, [at.getTime() / 1000]]) {
      const claims = { aud: 'sub_1', ...(iat === undefined ? {} : { iat }) };
      const signature = await signDetached(body, ours.signing, { typ: 'touchstone-event', claims });
      await refused('VERDICT_TOKEN_EXPIRED', verifyEvent(body, signature, [ours.trusted], { at }));
    }
  });
});
