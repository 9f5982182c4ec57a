// How an operator signs, without a server: for what only reads signatures.
import { sign, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64, preAuthEncoding } from '../../src/core/encoding/index.ts';

export interface Operator {
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface Statement {
  readonly payloadType: string;
  readonly payload: string;
}

export function signStatement(operator: Operator, { payloadType, payload }: Statement): string {
  const message = preAuthEncoding(payloadType, decodeBase64(payload));
  return encodeBase64(new Uint8Array(sign(null, message, operator.privateKey)));
}
