import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createCertificate, createCaExtensions } from '../../../src/core/issuance/index.ts';
import { keyIdentifier, parseCertificate } from '../../../src/core/x509/index.ts';
import { makeAk, makeRoot, signer, stTpm, testKey } from '../../support/pki.ts';

const key = testKey('p256', 'creator');

const template = {
  serial: Uint8Array.of(0x00, 0x80),
  subject: [
    { type: 'C', value: 'DE' },
    { type: 'O', value: 'Prüfstein' },
    { type: '2.5.4.3', value: 'A' },
  ],
  issuer: [{ type: 'CN', value: 'A' }],
  validity: { notBefore: new Date('2049-12-31T23:59:59Z'), notAfter: new Date('2050-01-01T00:00:00Z') },
  spki: key.spki,
  extensions: createCaExtensions({ spki: key.spki, issuerSpki: key.spki, pathLength: 1 }),
  algorithm: 'ecdsa-sha256' as const,
  sign: signer(key, undefined),
};

describe('createCertificate', () => {
  it('writes the same signed bytes for the same arguments', () => {
    const sign = () => Uint8Array.of(1);
    assert.deepEqual(createCertificate({ ...template, sign }), createCertificate({ ...template, sign }));
  });

  it('writes what another reader reads', () => {
    const der = createCertificate(template);
    const read = new X509Certificate(der);
    assert.equal(read.subject, 'C=DE\nO=Prüfstein\nCN=A');
    assert.equal(read.serialNumber, '80');
    assert.equal(read.ca, true);
    assert.equal(new Date(read.validTo).toISOString(), '2050-01-01T00:00:00.000Z');
    assert.ok(read.verify(key.publicKey));
    const facts = parseCertificate(der);
    assert.equal(facts.basicConstraints?.pathLength, 1);
    assert.equal(facts.subjectKeyIdHex, Buffer.from(keyIdentifier(key.spki)).toString('hex'));
    assert.deepEqual(facts.leniencies, []);
  });

  it('writes an AK certificate with the attributes of its TPM in subjectAltName', () => {
    const facts = makeAk(makeRoot(), { tpm: stTpm }).certificate;
    assert.deepEqual(facts.tpm, stTpm);
    assert.deepEqual(facts.extendedKeyUsage, ['2.23.133.8.3']);
    assert.deepEqual([...(facts.keyUsage ?? [])], ['digitalSignature']);
  });

  it('refuses serial numbers and dates that cannot be written', () => {
    assert.throws(() => createCertificate({ ...template, serial: new Uint8Array(21) }), RangeError);
    assert.throws(() => createCertificate({ ...template, serial: new Uint8Array(0) }), RangeError);
    const validity = { ...template.validity, notAfter: new Date('+012026-01-01T00:00:00Z') };
    assert.throws(() => createCertificate({ ...template, validity }), RangeError);
  });
});
