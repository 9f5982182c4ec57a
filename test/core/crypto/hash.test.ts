import assert from 'node:assert/strict';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  digestSizes,
  equalInConstantTime,
  hash,
  hashInPieces,
  hmac,
  isHashAlgorithm,
  sm3,
  type HashAlgorithm,
} from '../../../src/core/crypto/index.ts';

const abc = encodeUtf8('abc');

describe('hash', () => {
  it('knows the examples of FIPS 180-4', () => {
    assert.equal(encodeHex(hash('sha1', abc)), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    assert.equal(encodeHex(hash('sha256', abc)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(
      encodeHex(hash('sha384', abc)),
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    );
  });

  it('hashes parts as if they were one, and nothing as the empty message', () => {
    assert.deepEqual(hash('sha256', encodeUtf8('a'), new Uint8Array(), encodeUtf8('bc')), hash('sha256', abc));
    assert.equal(encodeHex(hash('sha1')), 'da39a3ee5e6b4b0d3255bfef95601890afd80709');
  });

  it('hashes megabytes in pieces', async () => {
    for (const [length, least] of [
      [0, 0],
      [1_048_576, 0],
      [1_048_577, 1],
      [3_500_000, 3],
    ] as const) {
      let pauses = 0;
      const bytes = new Uint8Array(length).fill(7);
      assert.deepEqual(
        await hashInPieces('sha256', bytes, () => Promise.resolve(void (pauses += 1))),
        hash('sha256', bytes),
      );
      assert.equal(pauses, least);
    }
  });

  it('has the sizes it says', () => {
    for (const [alg, size] of Object.entries(digestSizes)) assert.equal(hash(alg as HashAlgorithm, abc).length, size);
  });

  it('knows names of algorithms and not those of Object', () => {
    assert.equal(isHashAlgorithm('sha512'), true);
    for (const name of ['sha224', 'SHA256', 'md5', 'sm3', 'constructor', '__proto__', '']) {
      assert.equal(isHashAlgorithm(name), false, name);
    }
  });
});

describe('sm3', () => {
  it('knows the example of the standard, and is no algorithm that anything may choose', () => {
    assert.equal(encodeHex(sm3(abc)), '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    assert.deepEqual(sm3(encodeUtf8('a'), encodeUtf8('bc')), sm3(abc));
    assert.equal(isHashAlgorithm('sm3_256'), false);
  });
});

describe('hmac', () => {
  it('knows test case 2 of RFC 4231', () => {
    const mac = hmac('sha256', encodeUtf8('Jefe'), encodeUtf8('what do ya want '), encodeUtf8('for nothing?'));
    assert.equal(encodeHex(mac), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

describe('equality', () => {
  it('compares bytes whole: a prefix is not equal', () => {
    assert.equal(equalInConstantTime(abc, encodeUtf8('abc')), true);
    assert.equal(equalInConstantTime(abc, encodeUtf8('abd')), false);
    assert.equal(equalInConstantTime(abc, encodeUtf8('ab')), false);
    assert.equal(equalInConstantTime(new Uint8Array(), new Uint8Array()), true);
  });
});
