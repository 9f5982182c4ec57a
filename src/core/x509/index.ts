export {
  parseCertificate,
  type Certificate,
  type CertificateExtension,
  type KeyUsage,
  type TpmAttributes,
} from './certificate.ts';
export { leniencies, type AppliedLeniency, type LeniencyId } from './leniency.ts';
export { parseCertificateBundle, parseTrustAnchors, type AnchorScope, type TrustAnchor } from './trust-anchor.ts';
export {
  verifyCertificatePath,
  type CertificateProfile,
  type PathInput,
  type RevocationMode,
  type TrustedCertificate,
} from './path.ts';
export {
  verifyEkCertificate,
  type EndorsementInput,
  type EndorsementPublic,
  type TrustedEndorsement,
} from './endorsement.ts';
export { parseCrl, type CertificateRevocationList } from './crl.ts';
export {
  createCertificate,
  type CertificateAlgorithm,
  type CertificateTemplate,
  type DistinguishedName,
  type IssuerSignature,
} from './create-certificate.ts';
export { createCrl, type CrlTemplate } from './create-crl.ts';
export {
  createAkExtensions,
  createCaExtensions,
  createEkExtensions,
  createKeyUsage,
  type AkExtensionOptions,
  type CaExtensionOptions,
  type EkExtensionOptions,
} from './create-extension.ts';
export { readCertificateObservation, type CertificateObservation } from './observation.ts';
