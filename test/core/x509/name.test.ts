import assert from 'node:assert/strict';
import { MalformedError } from '../../../src/core/error.ts';
import { ElementReader, tags } from '../../../src/core/x509/asn1.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { readName } from '../../../src/core/x509/name.ts';
import { rawName, type NamePart } from '../../support/raw-certificate.ts';
import { refusesWith } from './refusal.ts';

const read = (der: Uint8Array) =>
  readName(new ElementReader(der, 'X509_CERTIFICATE_MALFORMED').enter(tags.sequence, 'name'));
const cn = (value: string): NamePart => ['2.5.4.3', tags.utf8String, value];
const organisation = (value: string): NamePart => ['2.5.4.10', tags.utf8String, value];

describe('readName', () => {
  it('knows whether what stands in one part is in DER order, whatever the order of the parts', () => {
    const sorted: readonly (readonly NamePart[])[][] = [
      [[cn('a')]],
      [[cn('a'), cn('b')]],
      [[cn('a'), cn('a')]],
      // The shorter one first, whatever it says.
      [[cn('b'), cn('aa')]],
      [[cn('z'), organisation('a')]],
      [[cn('b')], [cn('a')]],
    ];
    const unsorted: readonly (readonly NamePart[])[][] = [
      [[cn('b'), cn('a')]],
      [[cn('aa'), cn('b')]],
      [[organisation('a'), cn('z')]],
      [[cn('a'), cn('c'), cn('b')]],
      [[cn('b'), cn('a')], [cn('a')]],
      [[cn('a')], [cn('b'), cn('a')]],
    ];
    for (const parts of sorted) assert.equal(read(rawName(...parts)).unsorted, false, JSON.stringify(parts));
    for (const parts of unsorted) assert.equal(read(rawName(...parts)).unsorted, true, JSON.stringify(parts));
  });

  it('shows a type and a value that it cannot read as their bytes, and compares them as such', () => {
    const attribute = (...parts: readonly Uint8Array[]) => derSequence(derElement(tags.set, derSequence(...parts)));
    const unreadable = read(attribute(derElement(tags.oid, Uint8Array.of(0x80)), derElement(0x1b, Uint8Array.of(7))));
    assert.equal(unreadable.text, '#80=#1b0107');
    const other = read(attribute(derElement(tags.oid, Uint8Array.of(0x81)), derElement(0x1b, Uint8Array.of(7))));
    assert.notEqual(other.key, unreadable.key);
  });

  it('rejects an attribute that has more than a type and a value', () => {
    const value = derElement(tags.utf8String, Uint8Array.of(0x61));
    const name = derSequence(derElement(tags.set, derSequence(derOid('2.5.4.3'), value, value)));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => read(name));
  });
});
