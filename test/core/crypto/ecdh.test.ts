import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { agreeEcdh, type EcCurve } from '../../../src/core/crypto/index.ts';
import { decodeHex, encodeHex, encodeUnsigned } from '../../../src/core/encoding/index.ts';

/** A public key, from RFC 5903 section 8.1 for P-256. */
const rfc5903 = {
  scalar: decodeHex('c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433'),
  x: decodeHex('dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180'),
  peer: {
    x: decodeHex('d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63'),
    y: decodeHex('56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab'),
  },
  shared: 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de',
};

const names: Record<EcCurve, string> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
const sizes: Record<EcCurve, number> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

function peerOn(curve: EcCurve): { x: Uint8Array; y: Uint8Array } {
  const point = new Uint8Array(createECDH(names[curve]).generateKeys());
  return { x: point.subarray(1, 1 + sizes[curve]), y: point.subarray(1 + sizes[curve]) };
}

describe('agreeEcdh', () => {
  it('gives the known answer of RFC 5903', () => {
    const agreement = agreeEcdh('P-256', rfc5903.scalar, rfc5903.peer);
    assert.equal(encodeHex(agreement?.ephemeral.x ?? new Uint8Array(0)), encodeHex(rfc5903.x));
    assert.equal(encodeHex(agreement?.sharedX ?? new Uint8Array(0)), rfc5903.shared);
  });

  it('takes any random bytes of the size of the field: it reduces them by the order of the group', () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] satisfies EcCurve[]) {
      const peer = peerOn(curve);
      const largest = agreeEcdh(curve, new Uint8Array(sizes[curve]).fill(0xff), peer);
      assert.equal(largest?.sharedX.length, sizes[curve]);
      const one = agreeEcdh(curve, encodeUnsigned(1, sizes[curve]), peer);
      assert.deepEqual(one?.sharedX, peer.x);
    }
  });

  it('has the right orders: the order less one is the inverse of one, the order itself is zero', () => {
    const orders: Record<EcCurve, string> = {
      'P-256': 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
      'P-384': 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
      'P-521': `01${'ff'.repeat(32)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`,
    };
    for (const curve of ['P-256', 'P-384', 'P-521'] satisfies EcCurve[]) {
      const peer = peerOn(curve);
      const order = BigInt(`0x${orders[curve]}`);
      assert.equal(agreeEcdh(curve, encodeUnsigned(order, sizes[curve]), peer), undefined);
      assert.deepEqual(agreeEcdh(curve, encodeUnsigned(order - 1n, sizes[curve]), peer)?.sharedX, peer.x);
    }
  });

  it('agrees on nothing with a scalar of zero', () => {
    assert.equal(agreeEcdh('P-256', new Uint8Array(32), rfc5903.peer), undefined);
    assert.equal(agreeEcdh('P-256', new Uint8Array(0), rfc5903.peer), undefined);
  });
});
