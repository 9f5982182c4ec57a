import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  guids,
  parseSignatureDatabase,
  type SignatureDatabase,
} from '../../../src/core/event-log/index.ts';
import { authenticodeDigest, findAuthority, parsePortableExecutable } from '../../../src/core/prediction/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { makeIntermediate, makeRoot } from '../../support/pki.ts';
import * as pe from './material.ts';

const root = makeRoot({ name: 'Vendor Root' });
const signer = makeIntermediate(root, { name: 'Vendor Signer' });
const stranger = makeRoot({ name: 'Stranger' });
const bare = pe.makePe([{ name: '.text', content: encodeUtf8('loader') }]);
const signed = pe.signPe(bare, [signer.der]);
const image = parsePortableExecutable(signed);
const nothing = database();

function database(...certificates: readonly Uint8Array[]): SignatureDatabase {
  const lists = certificates.map((der) =>
    encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [der] }),
  );
  return parseSignatureDatabase(concatBytes(...lists));
}

function digests(...signatures: readonly Uint8Array[]): SignatureDatabase {
  return parseSignatureDatabase(encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures }));
}

describe('the authority that admits an image', () => {
  it('is the certificate that issued the signer, the signer itself, or the first of both in db', () => {
    const found = (...ders: readonly Uint8Array[]) => findAuthority(image, database(...ders))?.data;
    assert.deepEqual(found(stranger.der, root.der), root.der);
    assert.deepEqual(found(signer.der), signer.der);
    assert.deepEqual(found(root.der, signer.der), root.der);
    assert.deepEqual(found(signer.der, root.der), signer.der);
  });

  it('is the digest of the image where no certificate admits it', () => {
    const db = digests(authenticodeDigest(image, 'sha256'));
    assert.equal(findAuthority(image, db)?.type, 'sha256');
    assert.equal(findAuthority(parsePortableExecutable(bare), db)?.type, 'sha256');
  });

  it('is nobody when db is empty, holds strangers only, or the image is not signed', () => {
    assert.equal(findAuthority(image, nothing), undefined);
    assert.equal(findAuthority(image, database(stranger.der)), undefined);
    assert.equal(findAuthority(parsePortableExecutable(bare), database(root.der)), undefined);
  });

  it('is not a certificate that only has the name of the issuer', () => {
    const namesake = makeRoot({ name: 'Vendor Root', kind: 'p384' });
    assert.notDeepEqual(namesake.der, root.der);
    assert.equal(findAuthority(image, database(namesake.der)), undefined);
  });

  it('takes the signatures in their order', () => {
    const twice = parsePortableExecutable(pe.signPe(bare, [stranger.der], [signer.der]));
    assert.deepEqual(findAuthority(twice, database(root.der, stranger.der))?.data, stranger.der);
  });

  it('refuses a signature that was made over another image', () => {
    const other = pe.makePe([{ name: '.text', content: encodeUtf8('LOADER') }]);
    const moved = concatBytes(other, signed.subarray(bare.length));
    moved.set(signed.subarray(pe.certificateEntryOffset, pe.certificateEntryOffset + 8), pe.certificateEntryOffset);
    const parsed = parsePortableExecutable(moved);
    assert.throws(() => findAuthority(parsed, database(root.der)), { code: 'PREDICTION_SIGNATURE_INVALID' });
  });

  it('names nobody else, or refuses, whatever byte of the signature changes', () => {
    for (let index = bare.length; index < signed.length; index += 1) {
      const changed = pe.patched(signed, index, Uint8Array.of((signed[index] ?? 0) ^ 0x41));
      let authority: Uint8Array | undefined;
      outcomeOf(() => {
        authority = findAuthority(parsePortableExecutable(changed), database(stranger.der, root.der))?.data;
      });
      if (authority !== undefined) assert.deepEqual(authority, root.der);
    }
  });
});
