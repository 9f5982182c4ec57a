import assert from 'node:assert/strict';
import { readCertificateObservation } from '../../../src/core/x509/index.ts';
import { makeEk, makeIntermediate, makeRoot, testKey } from '../../support/pki.ts';

const root = makeRoot();
const issuing = makeIntermediate(root);
const leaf = makeEk(issuing);
const complete = (der: Uint8Array, ...chain: Uint8Array[]) =>
  readCertificateObservation(der, chain).chain_complete_to_root;

describe('readCertificateObservation', () => {
  it('reports a certificate in the words of the conformance cases', () => {
    const seen = readCertificateObservation(leaf.der, [issuing.der, root.der]);
    assert.equal(seen.type, 'certificate');
    assert.equal(seen.serial_hex, leaf.certificate.serialHex);
    assert.equal(seen.ca, false);
    assert.equal(seen.tpm_manufacturer, 'id:53544D20');
    assert.equal(seen.chain_complete_to_root, true);
  });

  it('calls a chain complete only when every signature holds up to a self-signed root', () => {
    assert.equal(complete(leaf.der, root.der), false);
    assert.equal(complete(leaf.der, issuing.der), false);
    assert.equal(complete(leaf.der), false);
    const twin = makeIntermediate(root, { key: testKey('p256', 'twin') });
    assert.equal(complete(leaf.der, twin.der, root.der), false);
    assert.equal(complete(makeEk(issuing, { fault: 'bad signature' }).der, issuing.der, root.der), false);
    assert.equal(complete(leaf.der, new Uint8Array(3), issuing.der, root.der), true);
  });

  it('reports bundles and what is no certificate as such', () => {
    const bundle = new TextEncoder().encode(root.pem + issuing.pem);
    assert.deepEqual(readCertificateObservation(bundle), { type: 'bundle', certificates: 2 });
    const commented = new TextEncoder().encode(
      `${'0 a comment of openssl s_client\n'.repeat(200)}${root.pem}${issuing.pem}`,
    );
    assert.deepEqual(readCertificateObservation(commented), { type: 'bundle', certificates: 2 });
    assert.deepEqual(readCertificateObservation(leaf.der.subarray(0, 50)), {
      type: 'malformed',
      code: 'X509_CERTIFICATE_MALFORMED',
    });
  });
});
