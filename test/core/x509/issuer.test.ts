// Who may have issued a certificate, by what both say and before any signature.
import assert from 'node:assert/strict';
import { mayHaveIssued } from '../../../src/core/x509/issuer.ts';
import { makeEk, makeIntermediate, makeRoot } from '../../support/pki.ts';

const issuing = makeIntermediate(makeRoot()).certificate;
const leaf = makeEk(makeIntermediate(makeRoot())).certificate;
const { issuerKey, issuerDer } = leaf;

describe('who may have issued a certificate', () => {
  it('has the name that it gives its issuer', () => {
    const nameOnly = { issuerKey, issuerDer, authorityKeyIdHex: undefined, authoritySerialHex: undefined };
    assert.ok(mayHaveIssued(issuing, nameOnly));
    assert.ok(!mayHaveIssued(makeRoot({ name: 'other' }).certificate, nameOnly));
  });

  it('is nobody where it gives none: that is no name, and many have it', () => {
    const nameless = { ...leaf, issuerKey: '', issuerDer: Uint8Array.of(0x30, 0) };
    assert.ok(!mayHaveIssued({ ...issuing, subjectKey: '' }, nameless));
  });

  it('has the key that it names, whatever serial number is beside it', () => {
    const keyed = { issuerKey, issuerDer, authorityKeyIdHex: issuing.subjectKeyIdHex, authoritySerialHex: '77' };
    assert.ok(mayHaveIssued(issuing, keyed));
    assert.ok(!mayHaveIssued({ ...issuing, subjectKeyIdHex: '77' }, keyed));
    assert.ok(
      mayHaveIssued({ ...issuing, subjectKeyIdHex: undefined }, keyed),
      'by name alone, where the issuer names none of its own',
    );
  });

  it('has the serial number that it names, where it names no key', () => {
    const numbered = (authoritySerialHex: string) => ({ ...leaf, authorityKeyIdHex: undefined, authoritySerialHex });
    assert.ok(mayHaveIssued(issuing, numbered(issuing.serialHex)));
    assert.ok(!mayHaveIssued(issuing, numbered('77')));
  });
});
