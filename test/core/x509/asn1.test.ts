import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MalformedError } from '../../../src/core/error.ts';
import { ElementReader, readOid, readSmallInteger, readTime } from '../../../src/core/x509/asn1.ts';
import { derElement, derInteger, derOid, derTime } from '../../../src/core/x509/der-writer.ts';
import { refusesWith } from './refusal.ts';

const reader = (...bytes: number[]) => new ElementReader(Uint8Array.from(bytes), 'X509_CERTIFICATE_MALFORMED');
const only = (bytes: Uint8Array) => new ElementReader(bytes, 'X509_CERTIFICATE_MALFORMED').any('element');

describe('the ASN.1 reader', () => {
  it('rejects every framing that DER does not allow', () => {
    const bad = [
      [0x30],
      [0x30, 0x80, 0, 0],
      [0x30, 0x81, 0x01, 0],
      [0x30, 0x82, 0x00, 0x81],
      [0x1f, 0x81, 0x01, 0x00],
      [0x30, 0x02, 0x00],
    ];
    for (const bytes of bad) {
      refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => reader(...bytes).any('x'));
    }
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => reader(0x02, 0x01, 0x00).read(0x30, 'x'));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => reader(0x02).end('x'));
  });

  it('says where it failed, counted from the outermost byte', () => {
    const outer = reader(0x30, 0x04, 0x30, 0x02, 0x02, 0x05);
    const inner = outer.enter(0x30, 'outer').enter(0x30, 'inner');
    assert.throws(
      () => inner.any('x'),
      (error: MalformedError) => error.at === 6,
    );
  });

  it('reads back every element the writer writes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x04, 0x0c, 0x30),
        fc.uint8Array({ maxLength: 70000, size: 'max' }),
        (tag, contents) => {
          const element = only(derElement(tag, contents));
          return element.tag === tag && Buffer.compare(element.contents, contents) === 0;
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads back object identifiers, of any size of arc, and rejects what is none', () => {
    for (const oid of [
      '1.2.840.113549.1.1.11',
      '2.23.133.8.1',
      '0.9',
      '2.999',
      '2.25.329800735698586629295641978511506172918',
    ]) {
      assert.equal(readOid(only(derOid(oid)).contents), oid);
    }
    for (const bytes of [[], [0x80, 0x01], [0x2a, 0x86], [0x2a, 0x80, 0x01], new Array<number>(65).fill(1)]) {
      assert.equal(readOid(Uint8Array.from(bytes)), undefined);
    }
  });

  it('reads times with a real date only', () => {
    for (const text of [
      '1950-01-01T00:00:00Z',
      '2049-12-31T23:59:59Z',
      '2050-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
    ]) {
      assert.equal(readTime(only(derTime(new Date(text))))?.toISOString(), text.replace('Z', '.000Z'));
    }
    const utc = (text: string) => readTime(only(derElement(0x17, new TextEncoder().encode(text))));
    for (const bad of [
      '260230000000Z',
      '261301000000Z',
      '260101240000Z',
      '2601010000Z',
      '260101000000+0000',
      '260101000060Z',
      '',
    ]) {
      assert.equal(utc(bad), undefined, bad);
    }
  });

  it('reads small integers in their one form', () => {
    assert.equal(readSmallInteger(only(derInteger(Uint8Array.of(0, 0, 200))).contents), 200);
    for (const bytes of [[], [0x80], [0, 1], [1, 2, 3, 4, 5]])
      assert.equal(readSmallInteger(Uint8Array.from(bytes)), undefined);
  });
});
