// Object identifiers this room knows. [RFC5280, RFC8017, RFC5754, RFC5758, TCG-EK]
import type { HashAlgorithm } from '../crypto/index.ts';

export const extensionOids = {
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  crlReason: '2.5.29.21',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

export const purposeOids = {
  endorsementKey: '2.23.133.8.1',
  platformCertificate: '2.23.133.8.2',
  attestationKey: '2.23.133.8.3',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  documentSigning: '1.3.6.1.5.5.7.3.36',
  any: '2.5.29.37.0',
} as const;

export const tpmAttributeOids = {
  manufacturer: '2.23.133.2.1',
  model: '2.23.133.2.2',
  version: '2.23.133.2.3',
  specification: '2.23.133.2.16',
} as const;

/** Of platform certificates. */
export const platformOids = {
  manufacturer: '2.23.133.5.1.1',
  model: '2.23.133.5.1.4',
  version: '2.23.133.5.1.5',
  serial: '2.23.133.5.1.6',
  configurationV1: '2.23.133.5.1.7.1',
  configurationV2: '2.23.133.5.1.7.2',
  credentialType: '2.23.133.2.25',
} as const;

/** Of device identities: the type of hardware, and what an issuer says it verified of the key. */
export const deviceIdentityOids = { tpm20: '2.23.133.1.2', verifiedRestricted: '2.23.133.11.1.3' } as const;

/** Hash algorithms by their object identifiers. Undefined stands for one that cannot be read. */
export const hashOids: ReadonlyMap<string | undefined, HashAlgorithm> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

export const otherNameOids = { hardwareModuleName: '1.3.6.1.5.5.7.8.4' } as const;

export const keyOids = {
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsaesOaep: '1.2.840.113549.1.1.7',
  ecPublicKey: '1.2.840.10045.2.1',
} as const;
