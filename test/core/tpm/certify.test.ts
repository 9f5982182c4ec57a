import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { verifyCertify, verifyCreation, type ClaimedAttest } from '../../../src/core/tpm/index.ts';
import { flipped, nonce, quoteClaim, signedStatement, softwareKey } from './software-key.ts';

const signer = softwareKey();
const subject = softwareKey().key.public;
const name = softwareKey().key.name;
const { qualifiedSigner, extraData, clock, firmwareVersion } = quoteClaim(signer.key);
const header = { qualifiedSigner, extraData, clock, firmwareVersion };
const creationData = new Uint8Array(40).fill(5);

const nameOfSubject = ((): Uint8Array => {
  const digest = hash('sha256', subject.bytes);
  return Uint8Array.of(0, 0x0b, ...digest);
})();

function certify(change: Partial<Extract<ClaimedAttest, { type: 'certify' }>> = {}): ClaimedAttest {
  return { type: 'certify', ...header, name: nameOfSubject, qualifiedName: qualifiedSigner, ...change };
}

function creation(change: Partial<Extract<ClaimedAttest, { type: 'creation' }>> = {}): ClaimedAttest {
  const creationHash = hash('sha256', creationData);
  return { type: 'creation', ...header, objectName: nameOfSubject, creationHash, ...change };
}

describe('verifyCertify', () => {
  it('accepts a certification of the subject', () => {
    const result = verifyCertify({ ...signedStatement(signer, certify()), subject });
    assert.deepEqual(result.name, nameOfSubject);
  });

  it('rejects a certification of another object, of none, and of every changed name', () => {
    for (const other of [name, new Uint8Array(0), ...flipped(nameOfSubject)]) {
      const statement = signedStatement(signer, certify({ name: other }));
      assert.throws(() => verifyCertify({ ...statement, subject }), { code: 'TPM_CERTIFY_NAME_MISMATCH' });
    }
  });

  it('T25: rejects a quote and a creation statement', () => {
    for (const claim of [quoteClaim(signer.key), creation()]) {
      const statement = signedStatement(signer, claim);
      assert.throws(() => verifyCertify({ ...statement, subject }), { code: 'TPM_ATTEST_TYPE_WRONG' });
    }
  });

  it('rejects another nonce and another signature', () => {
    const statement = { ...signedStatement(signer, certify()), subject };
    const stale = { ...statement, qualifyingData: hash('sha256', nonce) };
    assert.throws(() => verifyCertify(stale), { code: 'TPM_QUALIFYING_DATA_MISMATCH' });
    for (const attest of flipped(statement.attest)) {
      assert.throws(() => verifyCertify({ ...statement, attest }), { code: 'TPM_SIGNATURE_INVALID' });
    }
  });
});

describe('verifyCreation', () => {
  it('accepts a creation of the subject with its creation data', () => {
    const statement = { ...signedStatement(signer, creation()), subject, creationData };
    assert.deepEqual(verifyCreation(statement).name, nameOfSubject);
  });

  it('rejects other creation data, and none', () => {
    const statement = { ...signedStatement(signer, creation()), subject };
    for (const other of [new Uint8Array(0), ...flipped(creationData)]) {
      assert.throws(() => verifyCreation({ ...statement, creationData: other }), {
        code: 'TPM_CREATION_HASH_MISMATCH',
      });
    }
  });

  it('rejects the creation of another object, and another type of statement', () => {
    const other = signedStatement(signer, creation({ objectName: name }));
    assert.throws(() => verifyCreation({ ...other, subject, creationData }), { code: 'TPM_CERTIFY_NAME_MISMATCH' });
    const quote = signedStatement(signer, quoteClaim(signer.key));
    assert.throws(() => verifyCreation({ ...quote, subject, creationData }), { code: 'TPM_ATTEST_TYPE_WRONG' });
  });
});
