import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { X509Certificate as LibraryCertificate } from '@peculiar/x509';
import fc from 'fast-check';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import { parseCertificate, purposeOids } from '../../../src/core/x509/index.ts';
import { ElementReader, tags } from '../../../src/core/x509/asn1.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { makeAk, makeEk, makeIntermediate, makeRoot, stTpm, testKey } from '../../support/pki.ts';
import { makeRaw, rawName } from '../../support/raw-certificate.ts';
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

  it('knows that header with and without its inner one, and no other', () => {
    const length = [ek.der.length >> 8, ek.der.length & 0xff] as const;
    const parse = (...header: readonly number[]) => parseCertificate(Uint8Array.of(...header, ...ek.der));
    assert.deepEqual(parse(0x10, 0x01, 0x00, ...length).leniencies, ['tpm12-nv-header']);
    const others = [
      [0x10, 0x01, 0x01, ...length],
      [0x10, 0x02, 0x00, ...length],
      [0x11, 0x01, 0x00, ...length],
      [0x10, 0x01, 0x00, ...length, 0x10, 0x03],
      [0x10, 0x01, 0x00, ...length, 0x11, 0x02],
      [0x10, 0x01, 0x00],
    ];
    for (const header of others) refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parse(...header));
  });

  it('takes 64 KiB with the padding, and no more', () => {
    const padded = (size: number) =>
      parseCertificate(Uint8Array.of(...ek.der, ...new Uint8Array(size - ek.der.length)));
    assert.deepEqual(padded(65_536).der, ek.der);
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => padded(65_537));
  });

  /** `der` with other parts in the element that is named by its places on the way to it. */
  function alter(
    der: Uint8Array,
    [first, ...rest]: readonly number[],
    change: (parts: readonly Uint8Array[]) => readonly Uint8Array[],
  ): Uint8Array {
    const reader = new ElementReader(der, 'X509_CERTIFICATE_MALFORMED');
    const element = reader.any('element');
    const inside = reader.inside(element);
    const parts: Uint8Array[] = [];
    while (!inside.done) parts.push(inside.any('part').bytes);
    if (first === undefined) return derElement(element.tag, ...change(parts));
    return derElement(
      element.tag,
      ...parts.with(first, alter(parts[first] ?? assert.fail('no such part'), rest, change)),
    );
  }

  it('rejects anything behind the signature, the signed part, the version, the dates and the extensions', () => {
    const places = { certificate: [], 'signed part': [0], version: [0, 0], validity: [0, 4], extensions: [0, 7] };
    for (const [name, place] of Object.entries(places)) {
      const changed = alter(ek.der, place, (parts) => [...parts, derElement(0x05)]);
      assert.throws(
        () => parseCertificate(changed),
        { code: 'X509_CERTIFICATE_MALFORMED', message: /follow the end/ },
        name,
      );
    }
  });

  it('passes over unique identifiers in their order, behind the key of versions 2 and 3 only', () => {
    const subject = rawName([['2.5.4.3', tags.utf8String, 'old']]);
    const first = makeRaw(root, { version: 1, subject }).der;
    const second = alter(first, [0], (parts) => [derElement(0xa0, derElement(0x02, Uint8Array.of(1))), ...parts]);
    const [ofIssuer, ofSubject] = [derElement(0x81, Uint8Array.of(0, 1)), derElement(0x82, Uint8Array.of(0, 2))];
    const parse = (der: Uint8Array, ...identifiers: readonly Uint8Array[]) =>
      parseCertificate(alter(der, [0], (parts) => [...parts.slice(0, 7), ...identifiers, ...parts.slice(7)]));
    for (const [der, version] of [
      [second, 2],
      [ek.der, 3],
    ] as const)
      // prettier-ignore
      for (const identifiers of [[ofIssuer], [ofSubject], [ofIssuer, ofSubject]]) {
        const read = parse(der, ...identifiers);
        assert.deepEqual([read.version, read.extensions.length], [version, version === 3 ? ek.certificate.extensions.length : 0]);
      }
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parse(ek.der, ofSubject, ofIssuer));
    const last = (identifier: Uint8Array) => parseCertificate(alter(first, [0], (parts) => [...parts, identifier]));
    for (const identifier of [ofIssuer, ofSubject])
      refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => last(identifier));
  });

  it('reads versions 1, 2 and 3, and rejects every other number', () => {
    const first = makeRaw(root, { version: 1, subject: rawName([['2.5.4.3', tags.utf8String, 'old']]) });
    assert.deepEqual([first.certificate.version, first.certificate.extensions], [1, []]);
    const at = Buffer.from(ek.der).indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02])) + 4;
    const numbered = (version: number) => Uint8Array.from(ek.der, (byte, index) => (index === at ? version : byte));
    assert.equal(parseCertificate(numbered(2)).version, 3);
    // Version 2 has no extensions: they are rejected, not passed over.
    for (const version of [0, 1, 3, 4, 0xff])
      refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => parseCertificate(numbered(version)));
  });

  it('reads an issuer whose parts are not in order, by name', () => {
    const issuer = rawName([['2.5.4.10', tags.utf8String, 'Maker'], ['2.5.4.3', tags.utf8String, 'CA']]); // prettier-ignore
    assert.deepEqual(makeRaw(root, { issuer }).certificate.leniencies, ['unsorted-set']);
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

  it('forgives negative, padded and long serial numbers, by name', () => {
    const serials: readonly (readonly [readonly number[], ...string[]])[] = [
      [[0x01]],
      [[0x7f, 0x00]],
      [[0x00, 0x80]],
      [[0x01, ...Array<number>(19).fill(0)]],
      [[0x00, 0x80, ...Array<number>(19).fill(0)]],
      [[0x80], 'negative-serial'],
      [[0xff], 'negative-serial'],
      [[0xfe, 0x80], 'negative-serial'],
      [[0xff, 0x7f], 'negative-serial'],
      [[0xff, 0x80], 'negative-serial', 'long-serial'],
      [[0x00], 'long-serial'],
      [[0x00, 0x7f], 'long-serial'],
      [[0x01, ...Array<number>(20).fill(0)], 'long-serial'],
      [[0x01, ...Array<number>(63).fill(0)], 'long-serial'],
    ];
    const read = (serial: readonly number[]) => makeRaw(root, { serial: Uint8Array.from(serial) }).certificate;
    for (const [serial, ...leniencies] of serials) {
      const facts = read(serial);
      assert.deepEqual([facts.serialHex, facts.leniencies], [Buffer.from(serial).toString('hex'), leniencies]);
    }
    for (const serial of [[], [0x01, ...Array<number>(64).fill(0)]])
      refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => read(serial));
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
    const attribute = (holder: Uint8Array) => {
      const info = derSequence(derElement(0x02, Uint8Array.of(1)), holder);
      return derSequence(info, derSequence(), derElement(0x03, Uint8Array.of(0)));
    };
    const refuses = (code: string, holder: Uint8Array) =>
      refusesWith(MalformedError, code, () => parseCertificate(attribute(holder)));
    for (const kind of [0xa0, 0xa1, 0xa2]) refuses('X509_CERTIFICATE_IS_ATTRIBUTE', derSequence(derElement(kind)));
    // It is read as a certificate, and is none.
    for (const kind of [0x9e, 0xa3]) refuses('X509_CERTIFICATE_ALGORITHMS_DIFFER', derSequence(derElement(kind)));
    for (const holder of [derSequence(), derElement(tags.set)]) refuses('X509_CERTIFICATE_MALFORMED', holder);
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
