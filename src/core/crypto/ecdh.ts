// ECDH with the ephemeral private scalar as an argument. [SP800-56A §5.7.1.2]
import { createECDH } from 'node:crypto';
import { concatBytes, encodeHex, encodeUnsigned, leftPad } from '../encoding/index.ts';
import { curveSizes, type EcCurve } from './key.ts';

export interface EcPoint {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

export interface KeyAgreement {
  /** The ephemeral public point; coordinates have the field's size. */
  readonly ephemeral: EcPoint;
  /** x of the shared point, of the field's size. */
  readonly sharedX: Uint8Array;
}

const curveNames: Readonly<Record<EcCurve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** Group orders. [SEC2 §2] */
export const curveOrders: Readonly<Record<EcCurve, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};

/** Agrees with `peer` on `curve`. `scalar` is reduced modulo the group order; random bytes of the field's size are what
 * it takes. Undefined when the scalar is zero. `peer` must be on the curve (`ecPublicKey` has checked it). */
export function agreeEcdh(curve: EcCurve, scalar: Uint8Array, peer: EcPoint): KeyAgreement | undefined {
  const reduced = BigInt(`0x0${encodeHex(scalar)}`) % curveOrders[curve];
  if (reduced === 0n) return undefined;
  const size = curveSizes[curve];
  const ecdh = createECDH(curveNames[curve]);
  ecdh.setPrivateKey(encodeUnsigned(reduced, size));
  const point = new Uint8Array(ecdh.getPublicKey());
  const other = concatBytes(Uint8Array.of(4), leftPad(peer.x, size), leftPad(peer.y, size));
  return {
    ephemeral: { x: point.subarray(1, 1 + size), y: point.subarray(1 + size) },
    sharedX: leftPad(new Uint8Array(ecdh.computeSecret(other)), size),
  };
}
