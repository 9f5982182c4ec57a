// A bundle of one root of its own, signed by operators, as the API takes it.
import { anchorBundlePayloadType, encodeAnchorBundle } from '../../src/core/anchor-bundle/index.ts';
import { encodeBase64 } from '../../src/core/encoding/index.ts';
import { signStatement, type Operator } from './sign-statement.ts';
import { makeRoot } from './pki.ts';

export function signedBundle(operators: readonly Operator[]) {
  const { certificate } = makeRoot();
  const madeAt = new Date('2026-11-25T00:00:00.000Z');
  const anchor = {
    name: 'root',
    scope: 'vendor',
    revocation: 'if-present',
    source: 'a test',
    takenAt: madeAt,
  } as const;
  const bundle = { sequence: 1, madeAt, anchors: [{ ...anchor, certificate }] };
  const statement = { payloadType: anchorBundlePayloadType, payload: encodeBase64(encodeAnchorBundle(bundle)) };
  return { ...statement, signatures: operators.map((operator) => ({ sig: signStatement(operator, statement) })) };
}
