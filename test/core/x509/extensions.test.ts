import assert from 'node:assert/strict';
import { MalformedError } from '../../../src/core/error.ts';
import { ElementReader, tags } from '../../../src/core/x509/asn1.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { readExtensionFacts, readExtensions } from '../../../src/core/x509/extensions.ts';
import type { LeniencyId } from '../../../src/core/x509/leniency.ts';
import { extensionOids } from '../../../src/core/x509/oids.table.ts';
import { refusesWith } from './refusal.ts';

/** What basic constraints with the contents of such a boolean say, and how critical one is that says so with them. */
function read(...boolean: readonly number[]) {
  const flag = derElement(tags.boolean, Uint8Array.from(boolean));
  const value = derElement(tags.octetString, derSequence(flag));
  const extension = derSequence(derOid(extensionOids.basicConstraints), flag, value);
  const leniencies = new Set<LeniencyId>();
  const extensions = readExtensions(new ElementReader(extension, 'X509_CERTIFICATE_MALFORMED'), leniencies);
  const { basicConstraints } = readExtensionFacts(extensions, leniencies);
  return { critical: extensions[0]?.critical, ca: basicConstraints?.ca, leniencies: [...leniencies] };
}

describe('readExtensions', () => {
  it('takes a false that is written out for false, of authorities also, by name', () => {
    assert.deepEqual(read(0x00), { critical: false, ca: false, leniencies: ['non-der-encoding'] });
  });

  it('takes every other byte for true, and only FF without a name', () => {
    assert.deepEqual(read(0xff), { critical: true, ca: true, leniencies: [] });
    assert.deepEqual(read(0x01), { critical: true, ca: true, leniencies: ['non-der-encoding'] });
  });

  it('rejects a boolean that is not one byte', () => {
    for (const bytes of [[], [0xff, 0xff]]) {
      refusesWith(MalformedError, undefined, () => read(...bytes));
    }
  });

  it('takes 64 extensions and no more, each once', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        derSequence(derOid(`1.3.6.1.${index}`), derElement(tags.octetString, new Uint8Array())),
      );
    const readAll = (extensions: readonly Uint8Array[]) =>
      readExtensions(new ElementReader(Buffer.concat(extensions), 'X509_CERTIFICATE_MALFORMED'), new Set<LeniencyId>());
    assert.equal(readAll(many(64)).length, 64);
    refusesWith(MalformedError, 'X509_EXTENSION_DUPLICATE', () => readAll(many(65)));
    refusesWith(MalformedError, 'X509_EXTENSION_DUPLICATE', () => readAll([...many(2), ...many(1)]));
  });
});
