import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hash } from '../../../../src/core/crypto/index.ts';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  guids,
  missingRevocations,
  parseSignatureDatabase,
} from '../../../../src/core/event-log/index.ts';
import { readAuthoritySignature } from '../../../../src/core/event-log/uefi/signature-list.ts';
import { encodeGuid } from '../../../../src/core/event-log/uefi/guid.ts';
import { hashes, refuses, survives, verifyHonest, variable, separator } from '../logs.ts';
import { readFacts } from '../../../../src/core/event-log/index.ts';

const certificate = Uint8Array.of(0x30, 0x82, 0x00, 0x02, 0x05, 0x00);
const list = encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [certificate] });
const code = 'EVENT_LOG_SIGNATURE_LIST_INVALID';

function patched(offset: number, value: number): Uint8Array {
  const copy = list.slice();
  new DataView(copy.buffer).setUint32(offset, value, true);
  return copy;
}

describe('parseSignatureDatabase', () => {
  it('reads certificates and hashes of several lists, in order', () => {
    const { entries } = parseSignatureDatabase(concatBytes(list, hashes(3)));
    assert.deepEqual(
      entries.map(({ type }) => type),
      ['x509', 'sha256', 'sha256', 'sha256'],
    );
    const [first, second] = entries;
    assert.equal(first?.owner, guids.shimLock);
    assert.deepEqual(first.sha256.value, hash('sha256', certificate));
    assert.deepEqual(second?.sha256.value, hash('sha256', Uint8Array.of(0)));
    assert.deepEqual(parseSignatureDatabase(new Uint8Array()).entries, []);
  });

  it('T16: refuses a header size that is not 0, so that no header is read as trusted hashes', () => {
    refuses(code, () => parseSignatureDatabase(patched(20, 16)));
    refuses(code, () => parseSignatureDatabase(patched(20, 0xffffffe4)));
  });

  it('T16: refuses sizes that are zero, no multiple, or beyond the list', () => {
    refuses(code, () => parseSignatureDatabase(patched(16, 0)));
    refuses(code, () => parseSignatureDatabase(patched(16, 27)));
    refuses(code, () => parseSignatureDatabase(patched(16, list.length + 22)));
    refuses(code, () => parseSignatureDatabase(patched(16, 0xffffffff)));
    refuses(code, () => parseSignatureDatabase(patched(24, 0)));
    refuses(code, () => parseSignatureDatabase(patched(24, 16)));
    refuses(code, () => parseSignatureDatabase(patched(24, 21)));
  });

  it('T16: refuses a SHA-256 list whose signatures have another size', () => {
    const short = encodeSignatureList({
      typeGuid: guids.certSha256,
      owner: guids.shimLock,
      signatures: [new Uint8Array(31)],
    });
    refuses(code, () => parseSignatureDatabase(short));
  });

  it('T16: leaves a database unknown whose lists lie', () => {
    const good = variable('dbx', hashes(2), guids.imageSecurityDatabase);
    const bad = variable('db', patched(20, 16), guids.imageSecurityDatabase);
    const facts = readFacts(verifyHonest([variable('SecureBoot', Uint8Array.of(1)), good, bad, separator(7)]));
    assert.equal(facts.signatureDatabases.dbx?.value.entries.length, 2);
    assert.equal(facts.signatureDatabases.db, undefined);
  });

  it('refuses every truncation that cuts a list, and one byte too many', () => {
    for (let length = 1; length < list.length; length += 1) {
      refuses(code, () => parseSignatureDatabase(list.subarray(0, length)));
    }
    refuses(code, () => parseSignatureDatabase(concatBytes(list, Uint8Array.of(0))));
  });

  it('survives arbitrary lists', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (tail) => {
        survives(() => parseSignatureDatabase(concatBytes(encodeGuid(guids.certSha256), tail)));
      }),
    );
  });
});

describe('missingRevocations', () => {
  it('names what a revocation database lacks', () => {
    const required = [0, 1, 7].map((value) => hash('sha256', Uint8Array.of(value)));
    assert.deepEqual(missingRevocations(parseSignatureDatabase(hashes(3)), required), [required[2]]);
    assert.deepEqual(missingRevocations(parseSignatureDatabase(new Uint8Array()), required), required);
  });
});

describe('readAuthoritySignature', () => {
  it('reads a certificate with its owner, a bare one as old shims log it, and a hash', () => {
    const owned = concatBytes(encodeGuid(guids.shimLock), certificate);
    assert.equal(readAuthoritySignature(owned)?.owner, guids.shimLock);
    assert.equal(readAuthoritySignature(certificate)?.type, 'x509');
    assert.equal(readAuthoritySignature(concatBytes(encodeGuid(guids.shimLock), new Uint8Array(32)))?.type, 'sha256');
    assert.equal(readAuthoritySignature(Uint8Array.of(1)), undefined);
  });
});
