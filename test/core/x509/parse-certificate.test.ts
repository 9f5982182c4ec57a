import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { X509Certificate as LibraryCertificate } from '@peculiar/x509';
import fc from 'fast-check';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import { parseCertificate, purposeOids } from '../../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { makeAk, makeEk, makeIntermediate, makeRoot, stTpm, testKey } from '../../support/pki.ts';
import { labCertificate } from './lab.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot();
const ek = makeEk(root, { kind: 'rsa2048' });
const labNames = ['ek-rsa2048.crt', 'ek-ecc-p256.crt', 'ek-ecc-p384.crt'].map(
  (name) => [name, labCertificate(name)] as const,
);

describe('parseCertificate', () => {
  it('reads what an EK certificate says', () => {
    const facts = ek.certificate;
    assert.equal(facts.subject, '');
    assert.equal(facts.issuer, 'O=Touchstone tests, CN=Test TPM Root CA');
    assert.equal(facts.version, 3);
    assert.deepEqual(facts.tpm, stTpm);
    assert.deepEqual([...(facts.keyUsage ?? [])], ['keyEncipherment']);
    assert.deepEqual(facts.extendedKeyUsage, [purposeOids.endorsementKey]);
    assert.deepEqual(facts.basicConstraints, { ca: false, pathLength: undefined });
    assert.equal(facts.authorityKeyIdHex, root.certificate.subjectKeyIdHex);
    assert.equal(facts.publicKey?.bits, 2048);
    assert.deepEqual(facts.leniencies, []);
  });

  it('reads each certificate of the lab TPM', () => {
    for (const [name, der] of labNames) {
      const facts = parseCertificate(der);
      assert.deepEqual(facts.tpm, { manufacturer: 'id:00001014', model: 'swtpm', version: 'id:20191023' }, name);
      assert.equal(facts.issuer, 'CN=swtpm-localca');
      assert.equal(facts.notAfter.toISOString(), '9999-12-31T23:59:59.000Z');
      assert.deepEqual(facts.leniencies, []);
    }
    assert.equal(parseCertificate(labCertificate('ek-rsa2048.crt')).serialHex, '08');
  });

  it('agrees with two other readers: node:crypto and @peculiar/x509', () => {
    const made = [root, makeIntermediate(root), ek, makeAk(root, { kind: 'p384' })].map(({ der }) => der);
    for (const der of [...made, ...labNames.map(([, bytes]) => bytes)]) {
      const ours = parseCertificate(der);
      const nodes = new X509Certificate(der);
      const library = new LibraryCertificate(Buffer.from(der));
      assert.equal(BigInt(`0x${ours.serialHex}`), BigInt(`0x${nodes.serialNumber}`));
      assert.equal(ours.notBefore.getTime(), new Date(nodes.validFrom).getTime());
      assert.equal(ours.notAfter.getTime(), library.notAfter.getTime());
      assert.equal(ours.basicConstraints?.ca, nodes.ca);
      assert.deepEqual(Buffer.from(ours.spki), Buffer.from(library.publicKey.rawData));
      assert.deepEqual(
        ours.extensions.map(({ oid, critical }) => [oid, critical]),
        Array.from(library.extensions, ({ type, critical }) => [type, critical]),
      );
    }
  });

  it('keeps the exact signed bytes', () => {
    const { der, certificate } = ek;
    assert.deepEqual(certificate.der, der);
    assert.deepEqual(certificate.tbs, der.subarray(4, 4 + certificate.tbs.length));
  });

  it('removes the header of the TPM 1.2 NV format and the padding of an NV index, by name', () => {
    const length = ek.der.length + 2;
    const wrapped = Uint8Array.of(0x10, 0x01, 0x00, length >> 8, length & 0xff, 0x10, 0x02, ...ek.der);
    assert.deepEqual(parseCertificate(wrapped).leniencies, ['tpm12-nv-header']);
    const padded = parseCertificate(Uint8Array.of(...ek.der, ...new Uint8Array(431).fill(0xff)));
    assert.deepEqual(padded.leniencies, ['trailing-bytes']);
    assert.deepEqual(padded.der, ek.der);
  });

  it('reads an id-RSAES-OAEP key as RSA, by name', () => {
    const rsa = testKey('rsa2048', 'EK');
    const bits = rsa.spki.subarray(rsa.spki.length - 275);
    const oaep = derSequence(derSequence(derOid('1.2.840.113549.1.1.7'), derElement(0x05)), bits);
    const facts = makeEk(root, { key: { ...rsa, spki: oaep } }).certificate;
    assert.deepEqual(facts.leniencies, ['rsaes-oaep-key']);
    assert.deepEqual(facts.spki, rsa.spki);
    assert.equal(facts.publicKey?.type, 'rsa');
  });

  it('knows no key on a curve with explicit parameters', () => {
    const key = testKey('p256', 'EK');
    const point = key.spki.subarray(key.spki.length - 68);
    const explicit = derSequence(derSequence(derOid('1.2.840.10045.2.1'), derSequence()), point);
    assert.equal(makeEk(root, { key: { ...key, spki: explicit } }).certificate.publicKey, undefined);
  });

  it('forgives negative and padded serial numbers, by name', () => {
    const serial = Buffer.from(ek.certificate.serialHex, 'hex');
    const at = Buffer.from(ek.der).indexOf(serial);
    const withSerial = (...bytes: readonly number[]) => {
      assert.equal(bytes.length, serial.length);
      return Uint8Array.from(ek.der, (old, index) => bytes[index - at] ?? old);
    };
    assert.deepEqual(parseCertificate(withSerial(0x90, 0x01)).leniencies, ['negative-serial']);
    assert.deepEqual(parseCertificate(withSerial(0x00, 0x01)).leniencies, ['long-serial']);
  });

  it('shows no control characters of a name', () => {
    const facts = makeEk(root, { subject: 'a\n\u001b[31mb' }).certificate;
    assert.equal(facts.subject, 'CN=a\\u{a}\\u{1b}[31mb');
  });

  it('rejects a certificate with an extension that stands twice', () => {
    const { der } = makeEk(root, { fault: 'duplicate extension' });
    refusesWith(MalformedError, 'X509_EXTENSION_DUPLICATE', () => parseCertificate(der));
  });

  it('rejects a signature algorithm that differs from the signed one', () => {
    const { der } = makeEk(root, { fault: 'algorithms differ' });
    refusesWith(MalformedError, 'X509_CERTIFICATE_ALGORITHMS_DIFFER', () => parseCertificate(der));
  });

  it('rejects an attribute certificate as what it is', () => {
    const holder = derSequence(derElement(0xa0));
    const info = derSequence(derElement(0x02, Uint8Array.of(1)), holder);
    const attribute = derSequence(info, derSequence(), derElement(0x03, Uint8Array.of(0)));
    refusesWith(MalformedError, 'X509_CERTIFICATE_IS_ATTRIBUTE', () => parseCertificate(attribute));
  });

  it('rejects an outer length that is not in its shortest form: one certificate, one fingerprint', () => {
    const { der } = ek;
    const longer = Uint8Array.of(0x30, 0x83, 0x00, ...der.subarray(2));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parseCertificate(longer));
  });

  it('rejects every truncation', () => {
    for (const [, der] of [...labNames, ['made', ek.der] as const]) {
      for (let length = 0; length < der.length; length += 1) {
        refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parseCertificate(der.subarray(0, length)));
      }
    }
  });

  it('rejects lengths that lie and nesting without end', () => {
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () =>
      parseCertificate(Uint8Array.of(0x30, 0x84, 255, 255, 255, 255)),
    );
    const nested = new Uint8Array(60000).fill(0x30);
    refusesWith(MalformedError, undefined, () => parseCertificate(nested));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parseCertificate(new Uint8Array(70000)));
  });

  it('gives a result or a typed error for any bytes, and for any mutation of a certificate', () => {
    const survives = (bytes: Uint8Array) => {
      try {
        parseCertificate(bytes);
      } catch (error) {
        assert.ok(error instanceof AttestationError, String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 300 });
    const edit = fc.tuple(fc.nat(ek.der.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const changed = Uint8Array.from(ek.der);
        for (const [at, value] of edits) changed[at] = value;
        survives(changed);
      }),
      { numRuns: 2000 },
    );
  });
});
