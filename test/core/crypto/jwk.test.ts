import assert from 'node:assert/strict';
import { encodeUtf8, isJsonObject, type JsonObject } from '../../../src/core/encoding/index.ts';
import { encodeSpki, jwkOf, parseJwk, parseJwks, thumbprintOf } from '../../../src/core/crypto/index.ts';
import { assertNeverSurprised } from '../../support/hostile-bytes.ts';
import { createKeyPair, everyAlgorithm } from './test-keys.ts';

const invalid = { code: 'CRYPTO_JWK_INVALID' };
const es256 = createKeyPair('ES256', 'one');
const jwk = jwkOf(es256.verification);
const parseSet = (set: unknown) => parseJwks(encodeUtf8(JSON.stringify(set)));

describe('JWK', () => {
  it('returns the key that was written, with its name and algorithm, and nothing private', () => {
    for (const alg of everyAlgorithm) {
      const { verification } = createKeyPair(alg);
      const written = jwkOf(verification);
      const read = parseJwk(written);
      assert.deepEqual([read.kid, read.alg], [verification.kid, alg]);
      assert.deepEqual(encodeSpki(read.publicKey), encodeSpki(verification.publicKey));
      assert.deepEqual([written['use'], 'd' in written], ['sig', false]);
    }
  });

  it('knows the thumbprints of RFC 7638 and RFC 8037', () => {
    const rsa = parseJwk({
      kty: 'RSA',
      n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
      e: 'AQAB',
      alg: 'RS256',
    });
    assert.equal(thumbprintOf(rsa.publicKey), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
    const ed = parseJwk({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' });
    assert.equal(ed.kid, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  it('takes both names of EdDSA', () => {
    const { verification } = createKeyPair('EdDSA');
    assert.equal(parseJwk({ ...jwkOf(verification), alg: 'Ed25519' }).alg, 'EdDSA');
  });

  it('refuses secret members: a private key is not to be published', () => {
    for (const secret of ['d', 'p', 'k']) assert.throws(() => parseJwk({ ...jwk, [secret]: 'AQAB' }), invalid);
  });

  it('refuses other uses, other kinds and other algorithms', () => {
    for (const change of [
      { use: 'enc' },
      { kty: 'oct' },
      { kty: undefined },
      { crv: 'secp256k1' },
      { alg: 'HS256' },
      { alg: 'none' },
      { kid: '' },
      { kid: 1 },
      { x: undefined },
      { x: 'AAAA' },
    ]) {
      assert.throws(() => parseJwk({ ...jwk, ...change } as JsonObject), invalid, JSON.stringify(change));
    }
    for (const value of [null, [], 'x']) assert.throws(() => parseJwk(value), invalid);
  });

  it('refuses a point off its curve and an algorithm of another key', () => {
    assert.throws(() => parseJwk({ ...jwk, x: jwk['y'] ?? '' }), { code: 'CRYPTO_KEY_INVALID' });
    assert.throws(() => parseJwk({ ...jwk, alg: 'ES384' }), { code: 'CRYPTO_KEY_UNSUITABLE' });
    assert.throws(() => parseJwk({ ...jwkOf(createKeyPair('RS256').verification), alg: 'ES256' }), { code: 'CRYPTO_KEY_UNSUITABLE' }); // prettier-ignore
  });
});

describe('JWK Set', () => {
  it('keeps the keys that can be used and passes over the others', () => {
    const second = jwkOf(createKeyPair('EdDSA', 'two').verification);
    const keys = parseSet({ keys: [jwk, { kty: 'oct', k: 'AAAA' }, { ...jwk, use: 'enc', kid: 'three' }, 1, second] });
    assert.deepEqual(keys.map(({ kid }) => kid), ['one', 'two']); // prettier-ignore
  });

  it('refuses two keys of one name', () => {
    const twin = jwkOf(createKeyPair('ES256', 'one').verification);
    assert.throws(() => parseSet({ keys: [jwk, twin] }), invalid);
  });

  it('may be empty: a verification with no key then refuses', () => {
    assert.deepEqual(parseSet({ keys: [] }), []);
  });

  it('refuses what is no set, and one too large', () => {
    for (const set of [[], {}, { keys: {} }, null]) assert.throws(() => parseSet(set), invalid);
    assert.throws(() => parseSet({ keys: new Array(129).fill(1) }), invalid);
  });

  it('is never surprised', () => {
    assert.ok(isJsonObject(jwk));
    assertNeverSurprised(parseJwks, encodeUtf8(JSON.stringify({ keys: [jwk] })));
  });
});
