// Initial attestation keys (IAK) in software TPMs, and certificates of them by a maker of machines that the test is.
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  akTemplate,
  encodePublic,
  verifyAttestationKey,
  type AttestationKey,
  type PublicArea,
} from '../../src/core/tpm/index.ts';
import { createAkExtensions, createCertificate } from '../../src/core/issuance/index.ts';
import {
  extensionOids,
  parseCertificate,
  type Certificate,
  type CertificateExtension,
} from '../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../src/core/x509/der-writer.ts';
import { signer, type TestCertificate, type TestKey } from './pki.ts';
import type { TestTpm } from './swtpm.ts';

/** PolicyOR of the high range, which makers' templates carry. [TCG-EK §B.6] */
const policyB = 'ca3d0a99a2b93906f7a3342414efcfb3a385d44cd1fd459089d19b5071c0b7a0';
const attributes = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|adminwithpolicy|sign';

/** Makes a key by a template of the high range, leaves it at `handle`, and returns its SubjectPublicKeyInfo. */
export function leaveIdentityKey(
  tpm: TestTpm,
  { handle = '0x81020000', algorithm = 'ecc256:ecdsa-sha256:null', restricted = true } = {},
): Uint8Array {
  writeFileSync(join(tpm.directory, 'policy-b'), Buffer.from(policyB, 'hex'));
  const may = restricted ? `${attributes}|restricted` : attributes;
  const made = ['-C', 'e', '-g', 'sha256', '-G', algorithm, '-a', may, '-L', 'policy-b', '-c', 'identity.ctx'];
  tpm.tool('tpm2_createprimary', ...made);
  tpm.tool('tpm2_evictcontrol', '-C', 'o', '-c', 'identity.ctx', handle);
  tpm.flush();
  tpm.tool('tpm2_readpublic', '-c', handle, '-f', 'pem', '-o', 'identity.pem');
  const key = createPublicKey(readFileSync(join(tpm.directory, 'identity.pem')));
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }));
}

/** A restricted key whose public half is that of a P-256 test key: for what needs no TPM. */
export function paperIak({ publicKey }: TestKey): AttestationKey {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [pointX, pointY] = [x, y].map((text) => Uint8Array.from(Buffer.from(text, 'base64url')));
  const area = { ...akTemplate('ecc'), x: pointX, y: pointY } as PublicArea;
  return verifyAttestationKey(encodePublic(area));
}

export interface IdentityParts {
  readonly serial: string;
  /** Object identifier of the type of hardware. */
  readonly hardwareType: string;
  readonly notAfter: Date;
  /** By purpose, by policy, or not at all. */
  readonly restrictedBy: 'purpose' | 'policy' | 'nothing';
  readonly withSerial: boolean;
}

/** A certificate by `issuer` of the key `spki`, as the maker of a machine gives it. */
export function certifyIdentity(
  issuer: TestCertificate,
  spki: Uint8Array,
  changes: Partial<IdentityParts> = {},
): Certificate {
  const parts: IdentityParts = {
    serial: 'TPM-0815',
    hardwareType: '2.23.133.1.2',
    notAfter: new Date('9999-12-31T23:59:59Z'),
    restrictedBy: 'purpose',
    withSerial: true,
    ...changes,
  };
  const usual = createAkExtensions({ issuerSpki: issuer.key.spki });
  const policy = derSequence(derSequence(derOid('2.23.133.11.1.3')));
  const der = createCertificate({
    serial: Uint8Array.of(0x44, 1),
    subject: [{ type: 'CN', value: 'machine 7' }],
    issuer: issuer.certificate.subjectDer,
    validity: { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: parts.notAfter },
    spki,
    extensions: [
      ...usual.filter(({ oid }) => parts.restrictedBy === 'purpose' || oid !== extensionOids.extendedKeyUsage),
      ...(parts.restrictedBy === 'policy'
        ? [{ oid: extensionOids.certificatePolicies, critical: false, value: policy }]
        : []),
      ...(parts.withSerial ? [hardwareModuleName(parts)] : []),
    ],
    algorithm: 'ecdsa-sha256',
    sign: signer(issuer.key, undefined),
  });
  return parseCertificate(der);
}

/** otherName HardwareModuleName in subjectAltName. [RFC4108 §5] */
function hardwareModuleName({ hardwareType, serial }: IdentityParts): CertificateExtension {
  const module = derSequence(derOid(hardwareType), derElement(0x04, new TextEncoder().encode(serial)));
  const name = derElement(0xa0, derOid('1.3.6.1.5.5.7.8.4'), derElement(0xa0, module));
  return { oid: extensionOids.subjectAltName, critical: false, value: derSequence(name) };
}
