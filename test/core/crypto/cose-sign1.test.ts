import assert from 'node:assert/strict';
import {
  coseHeaders,
  decodeHex,
  encodeCbor,
  encodeUtf8,
  parseCoseSign1,
  type CborValue,
  type ClaimedCoseSign1,
} from '../../../src/core/encoding/index.ts';
import { createCoseSign1, parseJwk, verifyCoseSign1, type SigningKey } from '../../../src/core/crypto/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { createKeyPair, everyAlgorithm } from './test-keys.ts';

const payload = encodeUtf8('verdict');
const pair = createKeyPair('ES256', 'key-1');

function signed(key: SigningKey = pair.signing, headers = new Map<number, CborValue>()): ClaimedCoseSign1 {
  return parseCoseSign1(encodeCbor(createCoseSign1(payload, key, headers)));
}

describe('verifyCoseSign1', () => {
  it('accepts the published example of the COSE working group', () => {
    const key = parseJwk({
      kty: 'EC',
      crv: 'P-256',
      x: 'usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8',
      y: 'IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4',
    });
    const message = decodeHex(
      'd28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36',
    );
    assert.deepEqual(verifyCoseSign1(parseCoseSign1(message), { key }).payload, encodeUtf8('This is the content.'));
  });

  it('accepts what createCoseSign1 made, with every algorithm', () => {
    for (const alg of everyAlgorithm) {
      const { signing, verification } = createKeyPair(alg);
      const { payload: proven, headers } = verifyCoseSign1(signed(signing), { key: verification });
      assert.deepEqual(proven, payload);
      assert.deepEqual(headers.get(coseHeaders.kid), encodeUtf8(signing.kid));
    }
  });

  it('1. rejects an algorithm that is not the one pinned to the key, and none at all', () => {
    const wrong = { code: 'CRYPTO_COSE_ALGORITHM' };
    const other = createKeyPair('ES384').verification;
    assert.throws(() => verifyCoseSign1(signed(), { key: other }), wrong);
    const bare: ClaimedCoseSign1 = { ...signed(), protectedBytes: new Uint8Array(), protectedHeaders: new Map(), untrustedHeaders: new Map([[1, -7]]) }; // prettier-ignore
    assert.throws(() => verifyCoseSign1(bare, { key: pair.verification }), wrong);
    const rsa = createKeyPair('RS256');
    assert.throws(() => verifyCoseSign1(signed(rsa.signing), { key: { ...rsa.verification, alg: 'PS256' } }), wrong);
  });

  it('1. rejects a key that does not fit the algorithm pinned to it', () => {
    const { publicKey } = createKeyPair('ES384').verification;
    assert.throws(() => verifyCoseSign1(signed(), { key: { alg: 'ES256', publicKey } }), {
      code: 'CRYPTO_KEY_UNSUITABLE',
    });
  });

  it('2. rejects critical headers that are not understood, absent or malformed', () => {
    const key = pair.verification;
    const critical = (crit: CborValue, more: readonly (readonly [number, CborValue])[] = []) =>
      signed(pair.signing, new Map<number, CborValue>([[coseHeaders.crit, crit], ...more]));
    const extra = [[-70001, 1]] as const;
    for (const [crit, more] of [
      [[-70001], extra],
      [[-70001], []],
      [[], extra],
      [1, extra],
      [[[1]], extra],
      [['alg'], extra],
    ] as const) {
      assert.throws(() => verifyCoseSign1(critical(crit, more), { key }), { code: 'CRYPTO_COSE_CRITICAL' });
    }
    verifyCoseSign1(critical([coseHeaders.alg]), { key });
    verifyCoseSign1(critical([-70001], extra), { key, understood: [-70001] });
    assert.throws(() => verifyCoseSign1(critical([-70001]), { key, understood: [-70001] }), { code: 'CRYPTO_COSE_CRITICAL' }); // prettier-ignore
  });

  it('3. rejects every flipped byte of what is signed', () => {
    const bytes = encodeCbor(createCoseSign1(payload, pair.signing));
    for (let index = 0; index < bytes.length; index += 1) {
      const flipped = Uint8Array.from(bytes, (byte, position) => (position === index ? byte ^ 0x01 : byte));
      assert.ok(
        outcomeOf(() => verifyCoseSign1(parseCoseSign1(flipped), { key: pair.verification })),
        `byte ${index}`,
      );
    }
  });

  it('3. rejects another key, other external data and another payload', () => {
    const wrong = { code: 'CRYPTO_COSE_SIGNATURE' };
    const key = pair.verification;
    assert.throws(() => verifyCoseSign1(signed(), { key: createKeyPair('ES256').verification }), wrong);
    assert.throws(() => verifyCoseSign1(signed(), { key, externalAad: Uint8Array.of(1) }), wrong);
    assert.throws(() => verifyCoseSign1({ ...signed(), payload: encodeUtf8('Verdict') }, { key }), wrong);
  });

  it('rejects when there is nothing to verify', () => {
    const key = pair.verification;
    const none = { ...signed(), payload: undefined };
    assert.throws(() => verifyCoseSign1(none, { key }), { code: 'CRYPTO_COSE_PAYLOAD' });
    assert.throws(() => verifyCoseSign1({ ...signed(), signature: new Uint8Array() }, { key }), { code: 'CRYPTO_COSE_SIGNATURE' }); // prettier-ignore
  });

  it('takes a payload that travelled apart, and never two', () => {
    const key = pair.verification;
    assert.deepEqual(verifyCoseSign1({ ...signed(), payload: undefined }, { key, detachedPayload: payload }).payload, payload); // prettier-ignore
    assert.throws(() => verifyCoseSign1(signed(), { key, detachedPayload: payload }), { code: 'CRYPTO_COSE_PAYLOAD' });
  });
});
