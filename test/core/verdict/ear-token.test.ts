import assert from 'node:assert/strict';
import {
  coseHeaders,
  encodeBase64url,
  encodeCbor,
  encodeUtf8,
  parseCbor,
  Tagged,
  type CborValue,
} from '../../../src/core/encoding/index.ts';
import {
  createCoseSign1,
  createSignature,
  encodeSpki,
  hmac,
  jwkOf,
  parseJwks,
  type SigningAlgorithm,
} from '../../../src/core/crypto/index.ts';
import {
  createDecisionJwt,
  createEarCwt,
  createEarJwt,
  encodeEarCbor,
  encodeEarJson,
  statusOfEar,
  verifyEarCwt,
  verifyEarJwt,
  type EarExpectation,
} from '../../../src/core/verdict/index.ts';
import { createKeyPair, everyAlgorithm } from '../crypto/test-keys.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { createEar, during, expiresAt, issuedAt, without } from './verdicts.ts';

const pair = createKeyPair('ES256', 'key-1');
const other = createKeyPair('ES256', 'key-2');
const keys = [pair.verification];
const at = { at: during };
const ear = createEar();

const part = (value: unknown): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));

/** A token with any header, signed with the right key under the right algorithm. */
function forge(header: object, payload: Uint8Array = encodeEarJson(ear)): string {
  const input = `${part(header)}.${encodeBase64url(payload)}`;
  return `${input}.${encodeBase64url(createSignature(pair.signing, encodeUtf8(input)))}`;
}

async function refusesJwt(
  token: string,
  code: string,
  expectation: EarExpectation = at,
  trusted = keys,
): Promise<void> {
  await assert.rejects(verifyEarJwt(token, trusted, expectation), { code });
}

describe('verifyEarJwt', () => {
  it('accepts what createEarJwt made, with every algorithm, through a published key set', async () => {
    for (const alg of everyAlgorithm) {
      const { signing, verification } = createKeyPair(alg);
      const set = parseJwks(encodeUtf8(JSON.stringify({ keys: [jwkOf(pair.verification), jwkOf(verification)] })));
      const verified = await verifyEarJwt(await createEarJwt(ear, signing), set, at);
      assert.deepEqual([verified.ear, verified.kid], [ear, verification.kid]);
      assert.equal(statusOfEar(verified.ear), 'affirming');
    }
  });

  it('rejects when there is nothing to verify', async () => {
    await refusesJwt(await createEarJwt(ear, pair.signing), 'VERDICT_KEYS_EMPTY', at, []);
    await refusesJwt('', 'VERDICT_TOKEN_MALFORMED');
    await refusesJwt(forge({ alg: 'ES256' }, encodeUtf8('{}')), 'VERDICT_EAR_PROFILE');
    await refusesJwt(forge({ alg: 'ES256' }, new Uint8Array(1)), 'ENCODING_JSON_INVALID');
  });

  it('refuses what is not three canonical parts', async () => {
    const token = await createEarJwt(ear, pair.signing);
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const text of [
      `.${token}`,
      `${token}.`,
      `${header}.${payload}.`,
      `..`,
      `${header}.${payload}`,
      `${header}=.${payload}.${signature}`,
      ` ${token}`,
      `${token}\n`,
      `${header}.${payload}.${signature}!`,
      part([1]) + '.AAAA.AAAA',
      `${'A'.repeat(1 << 20)}.A.A`,
    ]) {
      // prettier-ignore
      await refusesJwt(text, 'VERDICT_TOKEN_MALFORMED');
    }
    await refusesJwt(`${encodeBase64url(encodeUtf8('{"alg":"ES256","alg":"none"}'))}.${payload}.${signature}`, 'VERDICT_TOKEN_MALFORMED'); // prettier-ignore
  });

  it('refuses alg none, in any spelling', async () => {
    const payload = encodeBase64url(encodeEarJson(ear));
    for (const alg of ['none', 'None', 'NONE', '', undefined, null, 0]) {
      await refusesJwt(`${part({ alg, typ: 'JWT' })}.${payload}.AAAA`, 'VERDICT_TOKEN_ALGORITHM');
      await refusesJwt(`${part({ alg, typ: 'JWT' })}.${payload}.`, 'VERDICT_TOKEN_MALFORMED');
    }
  });

  it('refuses a MAC made with the public key', async () => {
    const { publicKey } = pair.verification;
    const pem = publicKey.handle.export({ format: 'pem', type: 'spki' }).toString();
    for (const secret of [
      encodeUtf8(pem),
      encodeSpki(publicKey),
      encodeUtf8(JSON.stringify(jwkOf(pair.verification))),
    ]) {
      const input = `${part({ alg: 'HS256', kid: 'key-1' })}.${encodeBase64url(encodeEarJson(ear))}`;
      await refusesJwt(
        `${input}.${encodeBase64url(hmac('sha256', secret, encodeUtf8(input)))}`,
        'VERDICT_TOKEN_ALGORITHM',
      );
    }
  });

  it('pins one algorithm to each key', async () => {
    const rsa = createKeyPair('RS256');
    const pinned = { ...rsa.verification, alg: 'PS256' as SigningAlgorithm };
    await refusesJwt(await createEarJwt(ear, rsa.signing), 'VERDICT_TOKEN_ALGORITHM', at, [pinned]);
    await refusesJwt(forge({ alg: 'ES384' }), 'VERDICT_TOKEN_ALGORITHM');
  });

  it('attack 38: never takes a key from the token or from where it points', async () => {
    const forged = await createEarJwt(ear, other.signing);
    const [, payload = '', signature = ''] = forged.split('.');
    const jwk = jwkOf(other.verification);
    for (const header of [
      { alg: 'ES256', jwk },
      { alg: 'ES256', kid: 'key-1', jwk },
      { alg: 'ES256', jku: 'https://evil.example/jwks.json' },
      { alg: 'ES256', x5u: 'https://evil.example/cert.pem', x5c: ['AAAA'] },
    ]) {
      await refusesJwt(`${part(header)}.${payload}.${signature}`, 'VERDICT_TOKEN_SIGNATURE');
    }
    // With the right signature such a header is merely useless.
    assert.ok(await verifyEarJwt(forge({ alg: 'ES256', jwk, jku: 'https://evil.example' }), keys, at));
  });

  it('kid chooses among trusted keys and adds none', async () => {
    const token = await createEarJwt(ear, pair.signing);
    const both = [other.verification, pair.verification];
    assert.equal((await verifyEarJwt(token, both, at)).kid, 'key-1');
    await refusesJwt(token, 'VERDICT_TOKEN_KEY_UNKNOWN', at, [other.verification]);
    await refusesJwt(forge({ alg: 'ES256', kid: 'key-2' }), 'VERDICT_TOKEN_SIGNATURE', at, both);
    for (const kid of ['../../dev/null', "x' OR 1=1", '', 1, null, undefined]) {
      await refusesJwt(forge({ alg: 'ES256', kid }), 'VERDICT_TOKEN_KEY_UNKNOWN', at, both);
    }
    await refusesJwt(token, 'VERDICT_TOKEN_KEY_UNKNOWN', at, [
      pair.verification,
      { ...other.verification, kid: 'key-1' },
    ]);
    assert.ok(await verifyEarJwt(forge({ alg: 'ES256' }), keys, at));
    const { kid, ...nameless } = pair.verification;
    assert.equal(kid, 'key-1');
    const unnamed = verifyEarJwt(forge({ alg: 'ES256' }), [nameless, other.verification], at);
    await assert.rejects(unnamed, { code: 'VERDICT_TOKEN_KEY_UNKNOWN' });
  });

  it('takes the second name of EdDSA for the same algorithm, of such a key alone [RFC9864 §2.2]', async () => {
    const { signing, verification } = createKeyPair('EdDSA');
    const input = `${part({ alg: 'Ed25519' })}.${encodeBase64url(encodeEarJson(ear))}`;
    const token = `${input}.${encodeBase64url(createSignature(signing, encodeUtf8(input)))}`;
    assert.ok(await verifyEarJwt(token, [verification], at));
    await refusesJwt(token, 'VERDICT_TOKEN_ALGORITHM');
  });

  it('refuses a token of more than a mebibyte before it reads it', async () => {
    const padded = (length: number) =>
      forge({ alg: 'ES256' }, encodeUtf8(JSON.stringify({ padding: 'x'.repeat(length) })));
    await refusesJwt(padded(700_000), 'VERDICT_EAR_PROFILE');
    await refusesJwt(padded(800_000), 'VERDICT_TOKEN_MALFORMED');
  });

  it('refuses extensions it does not know', async () => {
    await refusesJwt(forge({ alg: 'ES256', crit: ['exp'], exp: 1 }), 'VERDICT_TOKEN_CRITICAL');
    await refusesJwt(forge({ alg: 'ES256', crit: [] }), 'VERDICT_TOKEN_CRITICAL');
    // Whose payload may not be what it looks like, though the header does not demand that one knows. [RFC7797 §6]
    for (const b64 of [false, true]) await refusesJwt(forge({ alg: 'ES256', b64 }), 'VERDICT_TOKEN_CRITICAL');
    await refusesJwt(forge({ alg: 'ES256', crit: ['b64'], b64: false }), 'VERDICT_TOKEN_CRITICAL');
  });

  it('refuses tokens of another type, a decision above all', async () => {
    const decision = { issuer: 'i', host: 'h', audience: 'a', decision: 'allow', issuedAt, expiresAt } as const;
    await refusesJwt(await createDecisionJwt(decision, pair.signing), 'VERDICT_TOKEN_TYPE');
    for (const typ of ['at+jwt', 'JOSE', '', 1, null, ['JWT']]) await refusesJwt(forge({ alg: 'ES256', typ }), 'VERDICT_TOKEN_TYPE'); // prettier-ignore
    for (const typ of ['JWT', 'jwt', 'eat+jwt', 'application/eat+jwt', 'eat-jwt']) assert.ok(await verifyEarJwt(forge({ alg: 'ES256', typ }), keys, at)); // prettier-ignore
  });

  it('rejects every flipped byte', async () => {
    const token = await createEarJwt(ear, pair.signing);
    for (let index = 0; index < token.length; index += 1) {
      const character = token[index] === 'A' ? 'B' : 'A';
      await assert.rejects(verifyEarJwt(token.slice(0, index) + character + token.slice(index + 1), keys, at));
    }
  });
});

/** The same demands for both kinds of token. */
const kinds = {
  JWT: async (claims: typeof ear, expectation: EarExpectation) =>
    verifyEarJwt(await createEarJwt(claims, pair.signing), keys, expectation),
  CWT: (claims: typeof ear, expectation: EarExpectation) =>
    Promise.resolve().then(() => verifyEarCwt(createEarCwt(claims, pair.signing), keys, expectation)),
};

for (const [kind, verify] of Object.entries(kinds)) {
  describe(`an EAR as ${kind}`, () => {
    const refuses = (claims: typeof ear, expectation: Partial<EarExpectation>, code: string) =>
      assert.rejects(verify(claims, { ...at, ...expectation }), { code });
    const seconds = (date: Date, change: number) => new Date(date.getTime() + change * 1000);

    it('holds from its issue to its expiry, give or take the leeway', async () => {
      await verify(ear, { at: seconds(issuedAt, -30) });
      await refuses(ear, { at: seconds(issuedAt, -31) }, 'VERDICT_TOKEN_NOT_YET_VALID');
      await verify(ear, { at: seconds(expiresAt, 29) });
      await refuses(ear, { at: seconds(expiresAt, 30) }, 'VERDICT_TOKEN_EXPIRED');
      await verify(ear, { at: seconds(expiresAt, -1), leewaySeconds: 0 });
      await refuses(ear, { at: expiresAt, leewaySeconds: 0 }, 'VERDICT_TOKEN_EXPIRED');
    });

    it('holds not before nbf', async () => {
      const notBefore = Math.floor(during.getTime() / 1000) + 31;
      await refuses({ ...ear, notBefore }, {}, 'VERDICT_TOKEN_NOT_YET_VALID');
      await verify({ ...ear, notBefore: notBefore - 1 }, at);
    });

    it('must expire, unless the relying party says otherwise', async () => {
      const endless = without(ear, 'expiresAt') as typeof ear;
      await refuses(endless, {}, 'VERDICT_TOKEN_EXPIRY_MISSING');
      assert.ok(await verify(endless, { ...at, expiry: 'optional' }));
      await refuses(ear, { at: seconds(expiresAt, 60), expiry: 'optional' }, 'VERDICT_TOKEN_EXPIRED');
    });

    it('comes from the expected issuer', async () => {
      await refuses(ear, { issuer: 'i' }, 'VERDICT_TOKEN_ISSUER');
      await refuses(createEar({ issuer: 'j' }), { issuer: 'i' }, 'VERDICT_TOKEN_ISSUER');
      assert.ok(await verify(createEar({ issuer: 'i' }), { ...at, issuer: 'i' }));
      assert.ok(await verify(createEar({ issuer: 'i' }), at), 'of any where none is expected');
    });

    it('is for the expected audience, and a token for somebody is not for anybody', async () => {
      await refuses(ear, { audience: 'nova' }, 'VERDICT_TOKEN_AUDIENCE');
      await refuses(createEar({ audience: 'kube' }), { audience: 'nova' }, 'VERDICT_TOKEN_AUDIENCE');
      await refuses(createEar({ audience: 'nova' }), {}, 'VERDICT_TOKEN_AUDIENCE');
      assert.ok(await verify({ ...ear, audience: ['kube', 'nova'] }, { ...at, audience: 'nova' }));
    });

    it('speaks of the expected host, and names one where one is expected', async () => {
      assert.ok(await verify(ear, { ...at, host: 'hypervisor-7' }));
      await refuses(ear, { host: 'hypervisor-8' }, 'VERDICT_TOKEN_HOST');
      await refuses(without(ear, 'subject') as typeof ear, { host: 'hypervisor-7' }, 'VERDICT_TOKEN_HOST');
    });

    it('carries the expected nonce', async () => {
      const nonce = new Uint8Array(32).map((_, index) => 255 - index);
      assert.ok(await verify(createEar({ nonce }), { ...at, nonce }));
      assert.ok(await verify(createEar({ nonce, generation: 'draft-2026' }), { ...at, nonce }));
      await refuses(ear, { nonce }, 'VERDICT_TOKEN_NONCE');
      await refuses(createEar({ nonce: new Uint8Array(32) }), { nonce }, 'VERDICT_TOKEN_NONCE');
      await refuses(createEar({ nonce: nonce.subarray(0, 31) }), { nonce }, 'VERDICT_TOKEN_NONCE');
    });

    it('attack 39: speaks of exactly the expected parts', async () => {
      assert.ok(await verify(ear, { ...at, submods: ['TPM'] }));
      const two = { ...ear, submods: new Map([...ear.submods, ...createEar({ label: 'SNP' }).submods]) };
      assert.ok(await verify(two, { ...at, submods: ['SNP', 'TPM'] }));
      await refuses(two, { submods: ['TPM'] }, 'VERDICT_EAR_SUBMODS');
      await refuses(two, { submods: ['TPM', 'CPU'] }, 'VERDICT_EAR_SUBMODS');
      await refuses(ear, { submods: ['TPM', 'SNP'] }, 'VERDICT_EAR_SUBMODS');
      await refuses(ear, { submods: ['tpm'] }, 'VERDICT_EAR_SUBMODS');
      await refuses(ear, { submods: [] }, 'VERDICT_EAR_SUBMODS');
    });
  });
}

describe('a nonce as text', () => {
  it('is what the issuer made of our bytes: either alphabet, padded or not, or the very text', async () => {
    const nonce = Uint8Array.of(0xfb, 0xff, 0xfe, 1, 2, 3, 4, 5);
    for (const text of ['-__-AQIDBAU', '+//+AQIDBAU=']) {
      assert.ok(await verifyEarJwt(await createEarJwt({ ...ear, nonces: ['x'.repeat(8), text] }, pair.signing), keys, { ...at, nonce })); // prettier-ignore
    }
    const token = await createEarJwt({ ...ear, nonces: ['free text'] }, pair.signing);
    assert.ok(await verifyEarJwt(token, keys, { ...at, nonce: encodeUtf8('free text') }));
    await refusesJwt(token, 'VERDICT_TOKEN_NONCE', { ...at, nonce });
  });
});

describe('verifyEarCwt', () => {
  const refuses = (token: Uint8Array, code: string, trusted = keys) =>
    assert.throws(() => verifyEarCwt(token, trusted, at), { code });
  const signed = (headers: ReadonlyMap<number, CborValue>) => encodeCbor(createCoseSign1(encodeEarCbor(ear), pair.signing, headers)); // prettier-ignore

  it('accepts what createEarCwt made, with every algorithm', () => {
    for (const alg of everyAlgorithm) {
      const { signing, verification } = createKeyPair(alg);
      const verified = verifyEarCwt(createEarCwt(ear, signing), [pair.verification, verification], at);
      assert.deepEqual([verified.ear, verified.kid], [ear, verification.kid]);
    }
  });

  it('reads the tags 61 and 18, and a token without them', () => {
    const token = parseCbor(createEarCwt(ear, pair.signing), { tags: new Set([18, 61]) });
    assert.ok(token instanceof Tagged && token.tag === 61);
    assert.ok(token.value instanceof Tagged && token.value.tag === 18);
    for (const value of [token, token.value, token.value.value]) assert.ok(verifyEarCwt(encodeCbor(value), keys, at));
    refuses(encodeCbor(new Tagged(61, token)), 'ENCODING_COSE_INVALID');
    refuses(encodeCbor(new Tagged(18, token.value)), 'ENCODING_COSE_INVALID');
  });

  it('takes the name of a trusted key from the header that is not signed too: it chooses, and proves nothing', () => {
    const headers = encodeCbor(new Map([[coseHeaders.alg, -7]]));
    const payload = encodeEarCbor(ear);
    const signature = createSignature(pair.signing, encodeCbor(['Signature1', headers, new Uint8Array(), payload]));
    const naming = (kid: string) =>
      encodeCbor(new Tagged(18, [headers, new Map([[coseHeaders.kid, encodeUtf8(kid)]]), payload, signature]));
    const both = [other.verification, pair.verification];
    assert.equal(verifyEarCwt(naming('key-1'), both, at).kid, 'key-1');
    refuses(naming('key-2'), 'CRYPTO_COSE_SIGNATURE', both);
    refuses(naming('key-3'), 'VERDICT_TOKEN_KEY_UNKNOWN', both);
  });

  it('rejects when there is nothing to verify', () => {
    refuses(createEarCwt(ear, pair.signing), 'VERDICT_KEYS_EMPTY', []);
    refuses(new Uint8Array(), 'ENCODING_CBOR_TRUNCATED');
    refuses(encodeCbor(createCoseSign1(new Uint8Array(), pair.signing)), 'ENCODING_CBOR_TRUNCATED');
  });

  it('refuses unknown keys, other algorithms, unknown critical headers and other types', () => {
    refuses(createEarCwt(ear, pair.signing), 'VERDICT_TOKEN_KEY_UNKNOWN', [other.verification]);
    const twins = [other.verification, { ...createKeyPair('ES384').verification, kid: 'key-1' }];
    refuses(createEarCwt(ear, pair.signing), 'CRYPTO_COSE_ALGORITHM', twins);
    refuses(createEarCwt(ear, { ...other.signing, kid: 'key-1' }), 'CRYPTO_COSE_SIGNATURE');
    refuses(signed(new Map<number, CborValue>([[coseHeaders.crit, [99]], [99, 1]])), 'CRYPTO_COSE_CRITICAL'); // prettier-ignore
    refuses(signed(new Map([[coseHeaders.typ, 'application/cwt']])), 'VERDICT_TOKEN_TYPE');
    assert.ok(verifyEarCwt(signed(new Map([[coseHeaders.typ, 263]])), keys, at));
    assert.ok(verifyEarCwt(signed(new Map()), keys, at));
  });

  it('refuses a COSE_Mac0', () => {
    const mac0 = new Tagged(17, [encodeCbor(new Map([[1, 5]])), new Map(), encodeEarCbor(ear), new Uint8Array(32)]);
    refuses(encodeCbor(mac0), 'ENCODING_CBOR_TAG');
    refuses(encodeCbor(mac0.value), 'CRYPTO_COSE_ALGORITHM');
  });

  it('rejects every flipped byte', () => {
    const token = createEarCwt(ear, pair.signing);
    for (let index = 0; index < token.length; index += 1) {
      const flipped = Uint8Array.from(token, (byte, position) => (position === index ? byte ^ 0x01 : byte));
      assert.ok(
        outcomeOf(() => verifyEarCwt(flipped, keys, at)),
        `byte ${index}`,
      );
    }
  });
});
