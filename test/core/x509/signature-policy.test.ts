// Whose signature a structure has, where there may be none to ask.
import assert from 'node:assert/strict';
import { isSignedBy } from '../../../src/core/x509/signature-policy.ts';
import { makeIntermediate, makeRoot, testKey } from '../../support/pki.ts';

const root = makeRoot().certificate;
const issued = makeIntermediate(makeRoot()).certificate;

describe('a signature', () => {
  it('is that of the key that made it, over these very bytes', () => {
    assert.ok(isSignedBy(issued, root.publicKey));
    assert.ok(!isSignedBy(issued, makeRoot({ key: testKey('p256', 'another') }).certificate.publicKey));
    assert.ok(!isSignedBy({ ...issued, tbs: issued.tbs.map((byte) => byte ^ 1) }, root.publicKey));
  });

  it('is nobody’s where the key or the algorithm is of a kind that is not supported', () => {
    assert.ok(!isSignedBy(issued, undefined));
    assert.ok(!isSignedBy({ ...issued, signatureScheme: undefined }, root.publicKey));
  });
});
