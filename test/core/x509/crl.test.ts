import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allAtOnce, inPieces } from '../../../src/core/encoding/index.ts';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import { encodeTbsCertList } from '../../../src/core/issuance/index.ts';
import { parseCrl, parseCrlInPieces } from '../../../src/core/x509/index.ts';
import { tags, type Element } from '../../../src/core/x509/asn1.ts';
import { derElement, derOid, derSequence, derTime } from '../../../src/core/x509/der-writer.ts';
import { changeFields, createCrl, withListExtension, type CrlTemplate } from '../../support/create-crl.ts';
import { encodeCrl, makeCrl, makeEk, makeRoot, pemOf, signer, testKey } from '../../support/pki.ts';
import { ecdsaSha256 } from '../../support/raw-certificate.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot();
const revoked = makeEk(root);
const crl = makeCrl(root, { revoked: [revoked] });

const template: CrlTemplate = {
  issuer: [{ type: 'CN', value: 'A' }],
  issuerSpki: root.key.spki,
  number: 70000,
  thisUpdate: new Date('2026-01-01T00:00:00Z'),
  nextUpdate: new Date('2050-01-01T00:00:00Z'),
  revoked: [],
  algorithm: 'ecdsa-sha256',
  sign: () => Uint8Array.of(1, 2, 3),
};

describe('parseCrl', () => {
  it('reads issuer, dates and revoked serial numbers, as DER and as PEM', () => {
    for (const read of [crl, parseCrl(new TextEncoder().encode(pemOf(crl.der, 'X509 CRL')))]) {
      assert.equal(read.issuer, root.certificate.subject);
      assert.equal(read.thisUpdate.toISOString(), '2026-05-25T00:00:00.000Z');
      assert.equal(read.nextUpdate?.toISOString(), '2026-06-25T00:00:00.000Z');
      assert.equal(read.authorityKeyIdHex, root.certificate.subjectKeyIdHex);
      assert.deepEqual([...read.revoked.keys()], [revoked.certificate.serialHex]);
      assert.equal(read.revoked.get(revoked.certificate.serialHex)?.reason, 1);
    }
  });

  it('reads a list of thousands in pieces, and says the same of it', async () => {
    const serials = Array.from({ length: 2500 }, (_, index) => Uint8Array.of(1, index >> 8, index & 0xff));
    const large = { ...template, revoked: serials.map((serial) => ({ serial, revokedAt: template.thisUpdate })) };
    const der = createCrl(large);
    const pauses = { reading: 0, writing: 0 };
    const count = (what: keyof typeof pauses) => () => Promise.resolve(void (pauses[what] += 1));
    assert.deepEqual(await parseCrlInPieces(der, count('reading')), parseCrl(der));
    assert.deepEqual(await inPieces(encodeTbsCertList(large), count('writing')), allAtOnce(encodeTbsCertList(large)));
    assert.deepEqual(pauses, { reading: 2, writing: 2 });
    await assert.rejects(parseCrlInPieces(der.subarray(1), count('reading')), { code: 'X509_CRL_MALFORMED' });
  });

  it('writes a list of more entries than a call takes arguments', () => {
    const entry = { serial: Uint8Array.of(1), revokedAt: template.thisUpdate };
    const many = { ...template, revoked: Array.from({ length: 130_000 }, () => entry) };
    const tbs = allAtOnce(encodeTbsCertList(many));
    assert.ok(tbs.length > 130_000 * 20);
  });

  it('rejects every truncation and one byte too many', () => {
    for (let length = 0; length < crl.der.length; length += 1) {
      refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(crl.der.subarray(0, length)));
    }
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(Uint8Array.of(...crl.der, 0)));
  });

  it('rejects delta lists, and any extension that is critical: of the list, or of one of its certificates', () => {
    const extension = (oid: string, critical: boolean) =>
      derSequence(
        derOid(oid),
        ...(critical ? [derElement(tags.boolean, Uint8Array.of(0xff))] : []),
        derElement(tags.octetString, derElement(tags.integer, Uint8Array.of(1))),
      );
    const refuses = (der: Uint8Array) => refusesWith(MalformedError, 'X509_CRL_UNSUPPORTED', () => parseCrl(der));
    const ofList = (added: Uint8Array) => createCrl({ ...template, alter: withListExtension(added) });
    assert.equal(parseCrl(ofList(extension('1.2.3', false))).extensions.length, 3);
    for (const critical of [true, false]) refuses(ofList(extension('2.5.29.27', critical)));
    // Who else's certificates an indirect list names stands in a critical extension of each. [RFC5280 §5.3.3]
    for (const oid of ['1.2.3', '2.5.29.28', '2.5.29.29']) refuses(ofList(extension(oid, true)));
    const ofEntry = (added: Uint8Array) => withEntries(entry(derSequence(added)));
    assert.equal(parseCrl(ofEntry(extension('1.2.3', false))).revoked.size, 1);
    for (const oid of ['1.2.3', '2.5.29.29']) refuses(ofEntry(extension(oid, true)));
  });

  it('reads certificates with and without a reason, and nothing more of each', () => {
    const reason = derSequence(
      derSequence(derOid('2.5.29.21'), derElement(tags.octetString, derElement(tags.enumerated, Uint8Array.of(4)))),
    );
    const read = (...fields: readonly Uint8Array[]) => parseCrl(withEntries(entry(...fields))).revoked.get('12');
    const revokedAt = new Date('2026-05-01T00:00:00Z');
    assert.deepEqual(read(reason), { revokedAt, reason: 4 });
    assert.deepEqual(read(), { revokedAt, reason: undefined });
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => read(reason, reason));
  });

  it('reads a list without extensions, and rejects anything behind its fields', () => {
    const without = ({ tag, bytes }: Element) => (tag === 0xa0 ? new Uint8Array() : bytes);
    const read = parseCrl(createCrl({ ...template, alter: (tbs) => changeFields(tbs, without) }));
    assert.deepEqual([read.extensions, read.authorityKeyIdHex, read.isPartial], [[], undefined, false]);
    const behind = ({ tag, bytes }: Element) => (tag === 0xa0 ? Buffer.concat([bytes, derElement(tags.null)]) : bytes);
    const der = createCrl({ ...template, alter: (tbs) => changeFields(tbs, behind) });
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(der));
  });

  it('rejects a signature that is not whole bytes', () => {
    const tbs = allAtOnce(encodeTbsCertList(template));
    const list = (unused: number) =>
      derSequence(tbs, ecdsaSha256, derElement(tags.bitString, Uint8Array.of(unused, 0x80)));
    assert.deepEqual(parseCrl(list(0)).signature, Uint8Array.of(0x80));
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(list(7)));
  });

  it('knows a list that says of itself that it is partial, and does not mark that critical', () => {
    const withPoint = (...limits: readonly Uint8Array[]) => {
      const extension = derSequence(derOid('2.5.29.28'), derElement(tags.octetString, derSequence(...limits)));
      return parseCrl(createCrl({ ...template, alter: withListExtension(extension) }));
    };
    const name = derElement(0x86, new TextEncoder().encode('http://a.example/1.crl'));
    const where = derElement(0xa0, derElement(0xa0, name));
    assert.deepEqual([crl.isPartial, withPoint().isPartial, withPoint(where).isPartial], [false, false, false]);
    const relative = withPoint(derElement(0xa0, derElement(0xa1))).points;
    assert.deepEqual([crl.points, withPoint().points, relative], [undefined, undefined, []]);
    assert.deepEqual(withPoint(where).points, [Buffer.from(name).toString('hex')]);
    const limits = [0x81, 0x82, 0x84, 0x85].map((tag) => derElement(tag, Uint8Array.of(0xff)));
    for (const limit of [...limits, derElement(0x83, Uint8Array.of(6, 0x40))]) {
      assert.deepEqual([withPoint(limit).isPartial, withPoint(where, limit).isPartial], [true, true]);
    }
  });

  it('rejects a signed algorithm that is not the one beside the signature', () => {
    const differs = encodeCrl(root, { fault: 'algorithms differ' });
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(differs));
  });

  it('rejects anything behind the signature', () => {
    const header = crl.der[1] === 0x82 ? 4 : 3;
    const more = derSequence(crl.der.subarray(header), derElement(0x05, new Uint8Array()));
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(more));
  });

  it('reads a list that promises no next one', () => {
    const open = parseCrl(createCrl({ ...template, alter: (tbs) => changeFields(tbs, dropTime) }));
    assert.equal(open.nextUpdate, undefined);
    assert.equal(open.thisUpdate.getTime(), template.thisUpdate.getTime());
    assert.equal(open.extensions.length, 2);
  });

  it('rejects anything behind the extensions of the list', () => {
    const more = (field: Element) =>
      field.tag === 0xa0 ? derElement(0xa0, field.contents, derElement(tags.null)) : field.bytes;
    const der = createCrl({ ...template, alter: (tbs) => changeFields(tbs, more) });
    refusesWith(MalformedError, 'X509_CRL_MALFORMED', () => parseCrl(der));
  });

  it('rejects version 1', () => {
    const v1 = derSequence(derSequence(derSequence()), derSequence(), derElement(0x03, Uint8Array.of(0)));
    refusesWith(MalformedError, 'X509_CRL_UNSUPPORTED', () => parseCrl(v1));
  });

  it('gives a result or a typed error for any mutation', () => {
    fc.assert(
      fc.property(fc.nat(crl.der.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(crl.der);
        changed[at] = value;
        try {
          parseCrl(changed);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** One that was revoked: serial number 12 (hexadecimal). */
function entry(...fields: readonly Uint8Array[]): Uint8Array {
  const serial = derElement(tags.integer, Uint8Array.of(0x12));
  return derSequence(serial, derTime(new Date('2026-05-01T00:00:00Z')), ...fields);
}

/** A list of these, in the place of the template's, which are none. */
function withEntries(...entries: readonly Uint8Array[]): Uint8Array {
  const add = ({ tag, bytes }: Element) => (tag === 0xa0 ? Buffer.concat([derSequence(...entries), bytes]) : bytes);
  return createCrl({ ...template, alter: (tbs) => changeFields(tbs, add) });
}

/** Leaves out the time of the next list: it is after 2049, so the only one that is a GeneralizedTime. */
function dropTime(field: Element): Uint8Array {
  return field.tag === tags.generalizedTime ? new Uint8Array() : field.bytes;
}

describe('encodeTbsCertList', () => {
  it('writes the same bytes for the same arguments, and reads back', () => {
    assert.deepEqual(createCrl(template), createCrl(template));
    const read = parseCrl(createCrl(template));
    assert.equal(read.issuer, 'CN=A');
    assert.equal(read.nextUpdate?.toISOString(), '2050-01-01T00:00:00.000Z');
    assert.equal(read.revoked.size, 0);
  });

  it('signs the exact signed part', () => {
    let signed: Uint8Array | undefined;
    const key = testKey('p256', 'CRL key');
    const der = createCrl({ ...template, sign: (tbs) => signer(key, undefined)((signed = tbs)) });
    assert.deepEqual(parseCrl(der).tbs, signed);
  });
});
