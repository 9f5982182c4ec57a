// Shapes of extensions, and the profiles of makers and clouds.
import {
  createAuthorityKeyIdentifier,
  createExtendedKeyUsage,
  createKeyUsage,
} from '../../../src/core/issuance/index.ts';
import { extensionOids, purposeOids, type CertificateExtension } from '../../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { makeEk, makeIntermediate, makeRoot } from '../../support/pki.ts';
import { ekExtensions, makeRaw, rawName } from '../../support/raw-certificate.ts';
import type { Shape } from './shape.ts';

const root = makeRoot();
const old = makeRoot({ name: 'old shapes', fault: 'expired' });
const bare = makeIntermediate(root, { name: 'no usage', fault: 'no keyUsage' });
const usual = ekExtensions(root.key);
const without = (...oids: readonly string[]) => usual.filter(({ oid }) => !oids.includes(oid));
const put = (...extensions: readonly CertificateExtension[]) => [
  ...without(...extensions.map(({ oid }) => oid)),
  ...extensions,
];
const plain = (oid: string, value: Uint8Array, critical = false): CertificateExtension => ({ oid, critical, value });
const text = (value: string) => new TextEncoder().encode(value);
const url = (value: string) => derElement(0x86, text(value));
const crlPoint = (oid: string) =>
  plain(oid, derSequence(derSequence(derElement(0xa0, derElement(0xa0, url('https://example.com/tpm.crl'))))));
const issuerAccess = plain(
  extensionOids.authorityInfoAccess,
  derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.2'), url('https://example.com/ca.crt'))),
);
const policy = plain(
  extensionOids.certificatePolicies,
  derSequence(derSequence(derOid('1.2.840.113741.1.5.2.1'))),
  true,
);
const purposes = (...oids: readonly string[]) => createExtendedKeyUsage(...oids);
const cn = (name: string) => rawName([['2.5.4.3', 0x0c, name]]);
const altName = (critical: boolean, ...names: readonly Uint8Array[]) =>
  plain(extensionOids.subjectAltName, derSequence(...names), critical);

function shape(
  title: string,
  extensions: readonly CertificateExtension[],
  outcome: Shape['outcome'],
  more: Partial<Shape> & { readonly subject?: string } = {},
): Shape {
  const { subject, ...rest } = more;
  const parts = subject === undefined ? { extensions } : { extensions, subject: cn(subject) };
  return { title, bytes: makeRaw(root, parts).der, root, outcome, ...rest };
}

const akUsual = [
  plain(extensionOids.basicConstraints, derSequence(), true),
  createKeyUsage('digitalSignature'),
  createAuthorityKeyIdentifier(root.key.spki),
];
const cloudAk = { subject: 'instance-1', profile: 'ak', scope: 'virtual' } as const;

export const profileShapes: readonly Shape[] = [
  shape(
    'an Intel On-Die CA leaf: revocation points, freshest list, issuer access, a critical policy',
    put(crlPoint(extensionOids.crlDistributionPoints), crlPoint('2.5.29.46'), issuerAccess, policy),
    [],
  ),
  shape(
    'a leaf with maker-specific extensions that are not critical',
    put(plain('1.2.840.113741.1.5.2.4', Uint8Array.of(5, 0))),
    [],
  ),
  shape(
    'a maker-specific extension that is critical',
    put(plain('1.2.840.113741.1.5.2.4', Uint8Array.of(5, 0), true)),
    'X509_PATH_CRITICAL_UNKNOWN',
  ),
  shape(
    'critical subjectDirectoryAttributes',
    usual.map((each) => (each.oid === extensionOids.subjectDirectoryAttributes ? { ...each, critical: true } : each)),
    'X509_PATH_CRITICAL_UNKNOWN',
  ),
  shape(
    'name constraints on the leaf itself',
    put(plain(extensionOids.nameConstraints, derSequence())),
    'X509_PATH_CONSTRAINED',
  ),
  shape('no extendedKeyUsage', without(extensionOids.extendedKeyUsage), ['missing-extended-key-usage']),
  shape('a critical extendedKeyUsage', put({ ...purposes(purposeOids.endorsementKey), critical: true }), [
    'critical-extended-key-usage',
  ]),
  shape('extendedKeyUsage any, which names no endorsement key', put(purposes('2.5.29.37.0')), 'X509_PROFILE_PURPOSE'),
  shape('two purposes', put(purposes('2.5.29.37.0', purposeOids.endorsementKey)), []),
  shape('no keyUsage', without(extensionOids.keyUsage), ['missing-key-usage']),
  shape('an ECC key with keyEncipherment, a known slip', put(createKeyUsage('keyEncipherment')), [
    'unexpected-key-usage',
  ]),
  shape('a key that agrees and signs', put(createKeyUsage('keyAgreement', 'digitalSignature')), [
    'unexpected-key-usage',
  ]),
  shape('a key that signs only', put(createKeyUsage('digitalSignature')), 'X509_PROFILE_KEY_USAGE'),
  shape('no basicConstraints', without(extensionOids.basicConstraints), ['missing-basic-constraints']),
  shape(
    'basicConstraints with CA false written out',
    put(plain(extensionOids.basicConstraints, derSequence(derElement(0x01, Uint8Array.of(0))), true)),
    ['non-der-encoding'],
    { facts: { ca: false } },
  ),
  shape(
    'an endorsement key that is an authority',
    put(plain(extensionOids.basicConstraints, derSequence(derElement(0x01, Uint8Array.of(0xff))), true)),
    'X509_PROFILE_IS_CA',
    { facts: { ca: true } },
  ),
  shape('no authorityKeyIdentifier', without(extensionOids.authorityKeyIdentifier), [
    'missing-authority-key-identifier',
  ]),
  shape(
    'an authorityKeyIdentifier that cannot be read (FIDO conformance)',
    put(plain(extensionOids.authorityKeyIdentifier, Uint8Array.of(0x04, 0x00))),
    ['malformed-authority-key-identifier', 'missing-authority-key-identifier'],
  ),
  shape(
    'an extension with a value that is none',
    put(plain(extensionOids.keyUsage, Uint8Array.of(0x05, 0x00))),
    'X509_EXTENSION_MALFORMED',
    {
      facts: { type: 'malformed', code: 'X509_EXTENSION_MALFORMED' },
    },
  ),
  shape(
    'an empty subject whose subjectAltName is not critical',
    usual.map((each) => ({ ...each, critical: false })),
    'X509_PROFILE_NO_IDENTITY',
  ),
  shape(
    'a subject, and a subjectAltName that is not critical (AMD fTPM)',
    usual.map((each) => ({ ...each, critical: false })),
    [],
    {
      subject: 'AMDTPM EK',
      facts: { subject: 'CN=AMDTPM EK', tpm_manufacturer: 'id:53544D20' },
    },
  ),
  shape('an authority of the path without keyUsage', usual, ['missing-key-usage'], {
    bytes: makeEk(bare).der,
    intermediates: [bare],
  }),
  shape('a root past its validity, since it is pinned', usual, ['expired-anchor'], {
    bytes: makeEk(old).der,
    root: old,
  }),
  shape(
    'the EK of a virtual TPM that names no maker',
    put(altName(true, derElement(0xa4, cn('vtpm')))),
    ['missing-tpm-attributes'],
    {
      scope: 'virtual',
    },
  ),
  shape(
    'the same under the root of a maker',
    put(altName(true, derElement(0xa4, cn('vtpm')))),
    'X509_PROFILE_NO_TPM_ATTRIBUTES',
  ),
  shape('the EK of swtpm, whose maker is in no registry', usual, ['unknown-tpm-manufacturer'], {
    bytes: makeEk(root, { tpm: { manufacturer: 'id:00001014', model: 'swtpm', version: 'id:20191023' } }).der,
    scope: 'virtual',
    facts: { tpm_manufacturer: 'id:00001014', tpm_model: 'swtpm', tpm_version: 'id:20191023' },
  }),
  shape(
    'an attestation key of Google Compute Engine: no purpose, the instance in an extension',
    [...akUsual, plain('1.3.6.1.4.1.11129.2.1.21', derSequence()), issuerAccess],
    ['missing-extended-key-usage'],
    cloudAk,
  ),
  shape(
    'an attestation key of Azure or Windows Hello: two purposes, a critical subjectAltName',
    [
      ...akUsual,
      purposes('1.3.6.1.4.1.311.21.36', purposeOids.attestationKey),
      altName(true, derElement(0xa4, cn('vtpm'))),
    ],
    [],
    cloudAk,
  ),
  shape('an EK certificate where an attestation key is expected', usual, 'X509_PROFILE_KEY_USAGE', cloudAk),
];
