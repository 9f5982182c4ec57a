import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { VerificationError } from '../../../src/core/error.ts';
import { createKeyUsage } from '../../../src/core/issuance/index.ts';
import { manufacturerName, verifyCertificatePath, type CertificateProfile } from '../../../src/core/x509/index.ts';
import type { KeyUsage } from '../../../src/core/x509/certificate.ts';
import {
  anchorOf,
  makeAk,
  makeEk,
  makeRoot,
  pkiDate,
  stTpm,
  type Fault,
  type TestCertificate,
} from '../../support/pki.ts';
import { ekExtensions, makeRaw, rawName } from '../../support/raw-certificate.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot();
type Scope = 'vendor' | 'virtual';

function verify(leaf: TestCertificate, profile: CertificateProfile, scope: Scope = 'vendor') {
  const anchors = [anchorOf(root, { scope })];
  return verifyCertificatePath({ leaf: leaf.certificate, intermediates: [], anchors, at: pkiDate, profile });
}

function forgiven(leaf: TestCertificate, profile: CertificateProfile, scope: Scope = 'vendor'): readonly string[] {
  return verify(leaf, profile, scope).leniencies.map(({ id }) => id);
}

describe('the EK profile', () => {
  const refused: readonly (readonly [Fault, string])[] = [
    ['EK that is a CA', 'X509_PROFILE_IS_CA'],
    ['EK that may sign only', 'X509_PROFILE_KEY_USAGE'],
    ['wrong keyUsage', 'X509_PROFILE_KEY_USAGE'],
    ['wrong purpose', 'X509_PROFILE_PURPOSE'],
    ['subjectAltName not critical', 'X509_PROFILE_NO_IDENTITY'],
    ['no subjectAltName', 'X509_PROFILE_NO_IDENTITY'],
    ['unregistered manufacturer', 'X509_PROFILE_MANUFACTURER_UNKNOWN'],
    ['no TPM attributes', 'X509_PROFILE_NO_TPM_ATTRIBUTES'],
  ];
  for (const [fault, code] of refused) {
    it(`rejects an EK certificate with the fault: ${fault}`, () => {
      refusesWith(VerificationError, code, () => verify(makeEk(root, { fault }), 'ek'));
    });
  }

  it('rejects a short RSA key and a key of unknown type', () => {
    refusesWith(VerificationError, 'X509_PROFILE_KEY_WEAK', () => verify(makeEk(root, { kind: 'rsa1024' }), 'ek'));
    const key = makeEk(root).key;
    const unknown = makeEk(root, {
      key: { ...key, spki: Uint8Array.from(key.spki, (byte, at) => (at === 22 ? 0x0a : byte)) },
    });
    refusesWith(VerificationError, 'X509_PROFILE_KEY_UNSUPPORTED', () => verify(unknown, 'ek'));
  });

  const accepted: readonly (readonly [Fault, string])[] = [
    ['no basicConstraints', 'missing-basic-constraints'],
    ['no keyUsage', 'missing-key-usage'],
    ['no purpose', 'missing-extended-key-usage'],
    ['no authorityKeyIdentifier', 'missing-authority-key-identifier'],
  ];
  for (const [fault, leniency] of accepted) {
    it(`forgives by name: ${fault}`, () => {
      assert.deepEqual(forgiven(makeEk(root, { fault }), 'ek'), [leniency]);
    });
  }

  it('accepts an unregistered maker, or none, under the anchor of virtual TPMs only, by name', () => {
    assert.deepEqual(forgiven(makeEk(root, { fault: 'unregistered manufacturer' }), 'ek', 'virtual'), [
      'unknown-tpm-manufacturer',
    ]);
    assert.deepEqual(forgiven(makeEk(root, { fault: 'no TPM attributes' }), 'ek', 'virtual'), [
      'missing-tpm-attributes',
    ]);
  });

  it('accepts a subject that is not empty with a subjectAltName that is not critical', () => {
    assert.deepEqual(forgiven(makeEk(root, { subject: 'TPM', fault: 'subjectAltName not critical' }), 'ek'), []);
  });

  it('rejects an AK certificate', () => {
    refusesWith(VerificationError, 'X509_PROFILE_KEY_USAGE', () => verify(makeAk(root, { tpm: stTpm }), 'ek'));
  });
});

describe('the AK and device identity profiles', () => {
  it('accept what our own attestation authority issues', () => {
    assert.deepEqual(forgiven(makeAk(root), 'ak'), []);
    assert.deepEqual(forgiven(makeAk(root, { tpm: stTpm, kind: 'rsa2048' }), 'ak'), []);
    assert.deepEqual(forgiven(makeAk(root), 'idevid'), []);
    assert.equal(new X509Certificate(makeAk(root).der).subjectAltName, 'URI:urn:touchstone:host-1');
  });

  it('reject an EK certificate, another purpose and an authority', () => {
    refusesWith(VerificationError, 'X509_PROFILE_KEY_USAGE', () => verify(makeEk(root), 'ak'));
    refusesWith(VerificationError, 'X509_PROFILE_PURPOSE', () =>
      verify(makeAk(root, { fault: 'wrong purpose' }), 'ak'),
    );
    refusesWith(VerificationError, 'X509_PROFILE_IS_CA', () =>
      verify(makeAk(root, { fault: 'EK that is a CA' }), 'ak'),
    );
    refusesWith(VerificationError, 'X509_PROFILE_IS_CA', () =>
      verify(makeAk(root, { fault: 'EK that is a CA' }), 'idevid'),
    );
  });

  it('forgive a missing purpose and missing keyUsage, by name', () => {
    assert.deepEqual(forgiven(makeAk(root, { fault: 'no purpose' }), 'ak'), ['missing-extended-key-usage']);
    assert.deepEqual(forgiven(makeAk(root, { fault: 'no keyUsage' }), 'ak'), ['missing-key-usage']);
  });
});

describe('every profile of a key in a TPM', () => {
  const withUsage = (first: KeyUsage, ...others: readonly KeyUsage[]) => {
    const usage = createKeyUsage(first, ...others);
    return ekExtensions(root.key).map((each) => (each.oid === usage.oid ? usage : each));
  };
  const subject = rawName([['2.5.4.3', 0x0c, 'host-1']]);

  for (const profile of ['ek', 'ak', 'idevid'] as const) {
    const make = profile === 'ek' ? makeEk : makeAk;
    const usage = profile === 'ek' ? 'keyAgreement' : 'digitalSignature';
    const refused: readonly (readonly [string, string, TestCertificate])[] = [
      ['of version 1, which says nothing of its use', 'X509_PROFILE_VERSION', makeRaw(root, { subject, version: 1 })],
      [
        'that may sign certificates, though it does not say CA',
        'X509_PROFILE_IS_CA',
        makeRaw(root, { subject, extensions: withUsage(usage, 'keyCertSign') }),
      ],
      ['for another use', 'X509_PROFILE_KEY_USAGE', makeRaw(root, { subject, extensions: withUsage('cRLSign') })],
      ['of a short RSA key', 'X509_PROFILE_KEY_WEAK', make(root, { kind: 'rsa1024' })],
    ];
    for (const [what, code, leaf] of refused) {
      it(`${profile}: rejects a certificate ${what}`, () => {
        refusesWith(VerificationError, code, () => verify(leaf, profile, 'virtual'));
      });
    }
  }
});

describe('manufacturerName', () => {
  it('knows the registry, whatever the case, and nothing else', () => {
    assert.equal(manufacturerName('id:49465800'), 'Infineon');
    assert.equal(manufacturerName('id:53544d20'), 'STMicroelectronics');
    for (const other of ['id:FFFFF1D0', '49465800', 'id:4946580', 'id:__proto__', 'constructor', '']) {
      assert.equal(manufacturerName(other), undefined);
    }
  });
});
