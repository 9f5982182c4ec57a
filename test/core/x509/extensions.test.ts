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

/** What an extension with this value says. */
function factsOf(oid: string, value: Uint8Array) {
  const leniencies = new Set<LeniencyId>();
  const facts = readExtensionFacts([{ oid, critical: true, value }], leniencies);
  return { ...facts, leniencies: [...leniencies] };
}
const bytes = (tag: number, ...contents: readonly number[]) => derElement(tag, Uint8Array.from(contents));
const refusesValue = (oid: string, value: Uint8Array) =>
  refusesWith(MalformedError, 'X509_EXTENSION_MALFORMED', () => factsOf(oid, value));

describe('basicConstraints', () => {
  const limited = (...rest: readonly Uint8Array[]) => derSequence(bytes(tags.boolean, 0xff), ...rest);
  const { basicConstraints: oid } = extensionOids;

  it('say how many authorities may stand below', () => {
    for (const [contents, pathLength] of [
      [[0], 0],
      [[5], 5],
      [[0, 0x80], 128],
    ] as const)
      // prettier-ignore
      assert.deepEqual(factsOf(oid, limited(bytes(tags.integer, ...contents))).basicConstraints, {
        ca: true,
        pathLength,
      });
  });

  it('are rejected where that is no number that can be counted with: it would be no limit', () => {
    for (const contents of [[], [0xff], [0, 0], [1, 0, 0, 0, 0]])
      refusesValue(oid, limited(bytes(tags.integer, ...contents)));
    refusesValue(oid, limited(bytes(tags.integer, 0), bytes(tags.integer, 0)));
    refusesValue(oid, limited(bytes(tags.octetString, 0)));
  });
});

describe('keyUsage', () => {
  const { keyUsage: oid } = extensionOids;
  const usage = (...contents: readonly number[]) => factsOf(oid, bytes(tags.bitString, ...contents)).keyUsage;

  it('names each of its nine bits, and none for bits that have no name', () => {
    const all: readonly string[] = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly']; // prettier-ignore
    for (const [index, name] of all.entries()) {
      const [first, second] = index < 8 ? [0x80 >> index, 0] : [0, 0x80];
      assert.deepEqual([...(usage(7, first, second) ?? [])], [name]);
    }
    assert.deepEqual([...(usage(0, 0xff, 0xff) ?? [])], all);
    assert.deepEqual([...(usage(0) ?? ['absent'])], []);
  });

  it('is rejected where it is no bit string, or a longer one than it may be', () => {
    for (const contents of [[], [8, 0x80], [0, 0x80, 0, 0]]) refusesValue(oid, bytes(tags.bitString, ...contents));
    refusesValue(oid, bytes(tags.octetString, 0, 0x80));
  });
});

describe('authorityKeyIdentifier', () => {
  const { authorityKeyIdentifier: oid } = extensionOids;
  const keyId = bytes(0x80, 0xab);
  const issuer = derElement(0xa1, bytes(0xa4));
  const serial = bytes(0x82, 0x12);
  const hint = (...fields: readonly Uint8Array[]) => {
    const { authorityKeyIdHex, authoritySerialHex, leniencies } = factsOf(oid, derSequence(...fields));
    return [authorityKeyIdHex, authoritySerialHex, leniencies];
  };

  it('names a key, or a certificate by its serial number, or both', () => {
    assert.deepEqual(hint(keyId), ['ab', undefined, []]);
    assert.deepEqual(hint(issuer, serial), [undefined, '12', []]);
    assert.deepEqual(hint(keyId, issuer, serial), ['ab', '12', []]);
  });

  it('is as good as none where it is malformed, by name', () => {
    const none = [undefined, undefined, ['malformed-authority-key-identifier']];
    for (const fields of [[serial, keyId], [keyId, serial, serial], [bytes(tags.octetString, 0xab)]])
      assert.deepEqual(hint(...fields), none);
  });
});

describe('the frame of an extension', () => {
  it('has an identifier that can be read, one value, and nothing behind it', () => {
    const value = bytes(tags.octetString, 5, 0);
    const readOne = (...fields: readonly Uint8Array[]) =>
      readExtensions(new ElementReader(derSequence(...fields), 'X509_CERTIFICATE_MALFORMED'), new Set<LeniencyId>());
    assert.equal(readOne(derOid('1.2.3'), value).length, 1);
    refusesWith(MalformedError, 'X509_EXTENSION_DUPLICATE', () => readOne(bytes(tags.oid, 0x80), value));
    refusesWith(MalformedError, 'X509_CERTIFICATE_MALFORMED', () => readOne(derOid('1.2.3'), value, value));
  });
});
