import assert from 'node:assert/strict';
import forge from 'node-forge';
import fc from 'fast-check';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import { parseCertificateBundle, parseTrustAnchors } from '../../../src/core/x509/index.ts';
import { derElement, derInteger, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { makeEk, makeRoot, pemOf } from '../../support/pki.ts';
import { refusesWith } from './refusal.ts';

const ecc = makeRoot({ name: 'ECC root' });
const rsa = makeRoot({ name: 'RSA root', kind: 'rsa2048' });
const text = (value: string) => new TextEncoder().encode(value);

const containerOf = (...certificates: readonly Uint8Array[]) =>
  derSequence(
    derOid('1.2.840.113549.1.7.2'),
    derElement(
      0xa0,
      derSequence(
        derInteger(Uint8Array.of(1)),
        derElement(0x31),
        derSequence(derOid('1.2.840.113549.1.7.1')),
        derElement(0xa0, ...certificates),
        derElement(0x31),
      ),
    ),
  );
const p7b = containerOf(ecc.der, rsa.der);

/** The same container in BER: indefinite lengths around the certificates. */
const berP7b = Uint8Array.of(
  ...[0x30, 0x80, ...derOid('1.2.840.113549.1.7.2'), 0xa0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x31, 0x00],
  ...derSequence(derOid('1.2.840.113549.1.7.1')),
  ...[0xa0, 0x80, ...ecc.der, ...rsa.der, 0, 0, 0x31, 0x00],
  ...[0, 0, 0, 0, 0, 0],
);

describe('parseTrustAnchors', () => {
  it('takes a PEM bundle, DER and PKCS#7 as DER, BER and PEM, with the exact bytes of each certificate', () => {
    const bundles = [text(`# roots\n${ecc.pem}\r\n${rsa.pem}`), p7b, berP7b, text(pemOf(p7b, 'PKCS7'))];
    for (const bundle of bundles) {
      const anchors = parseTrustAnchors(bundle, 'makers');
      assert.deepEqual(
        anchors.map(({ name }) => name),
        ['makers', 'makers #2'],
      );
      assert.deepEqual(anchors[0]?.certificate.der, ecc.der);
      assert.deepEqual(anchors[1]?.certificate.der, rsa.der);
    }
    assert.deepEqual(parseTrustAnchors(ecc.der, 'one', 'virtual')[0]?.scope, 'virtual');
  });

  it('reads the container that node-forge writes', () => {
    const message = forge.pkcs7.createSignedData();
    message.addCertificate(rsa.pem);
    const der = Buffer.from(forge.asn1.toDer(message.toAsn1()).getBytes(), 'latin1');
    assert.deepEqual(parseCertificateBundle(new Uint8Array(der))[0]?.der, rsa.der);
  });

  it('takes 1024 certificates of a file, and no more, in a container too', () => {
    const many = (count: number) => Array<Uint8Array>(count).fill(ecc.der);
    const files = [
      (count: number) => containerOf(...many(count)),
      (count: number) =>
        text(
          many(count)
            .map((der) => pemOf(der))
            .join(''),
        ),
    ];
    for (const file of files) {
      assert.equal(parseCertificateBundle(file(1024)).length, 1024);
      refusesWith(MalformedError, 'X509_ANCHORS_MALFORMED', () => parseCertificateBundle(file(1025)));
    }
  });

  it('counts a certificate that stands twice once', () => {
    assert.equal(parseTrustAnchors(text(ecc.pem + ecc.pem), 'twice').length, 1);
  });

  it('rejects a certificate that is no authority', () => {
    refusesWith(MalformedError, 'X509_ANCHOR_NOT_CA', () => parseTrustAnchors(makeEk(ecc).der, 'an EK'));
  });

  it('rejects files that hold no certificate, each for its reason', () => {
    for (const empty of ['', 'hello', pemOf(Uint8Array.of(1), 'PUBLIC KEY')]) {
      refusesWith(MalformedError, 'X509_ANCHORS_EMPTY', () => parseTrustAnchors(text(empty), 'empty'));
    }
    const noCertificates = derSequence(derOid('1.2.840.113549.1.7.2'), derElement(0xa0, derSequence()));
    refusesWith(MalformedError, 'X509_ANCHORS_EMPTY', () => parseTrustAnchors(noCertificates, 'empty'));
    const otherContent = derSequence(derOid('1.2.840.113549.1.7.1'));
    refusesWith(MalformedError, 'X509_ANCHORS_MALFORMED', () => parseTrustAnchors(otherContent, 'data'));
    const nested = text(`-----BEGIN CERTIFICATE-----\n${ecc.pem}`);
    refusesWith(MalformedError, 'ENCODING_PEM_INVALID', () => parseTrustAnchors(nested, 'nested'));
    const huge = new Uint8Array(5 * 1024 * 1024);
    refusesWith(MalformedError, 'X509_ANCHORS_MALFORMED', () => parseTrustAnchors(huge, 'huge'));
  });

  it('rejects the whole bundle when one certificate is damaged', () => {
    const damaged = text(ecc.pem + pemOf(rsa.der.subarray(0, 100)));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parseTrustAnchors(damaged, 'damaged'));
  });

  it('gives a result or a typed error for any truncation or mutation of a container', () => {
    const survives = (bytes: Uint8Array) => {
      try {
        parseTrustAnchors(bytes, 'x');
      } catch (error) {
        assert.ok(error instanceof AttestationError, String(error));
      }
    };
    for (let length = 0; length < p7b.length; length += 1) survives(p7b.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(berP7b.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(berP7b);
        changed[at] = value;
        survives(changed);
      }),
      { numRuns: 500 },
    );
    survives(new Uint8Array(100_000).fill(0x30));
  });
});
