// Certificates and what they prove at a date: paths, profiles of EK, AK, IDevID and platform, revocation.
export type { Certificate, CertificateExtension, HardwareModule, KeyUsage, TpmAttributes } from './certificate.ts';
export { parseCertificate } from './parse-certificate.ts';
export { recallCertificate, type CertificateMemory } from './certificate-memory.ts';
export { extensionOids, purposeOids, tpmAttributeOids } from './oids.table.ts';
export { spellingsOf } from './spellings.ts';
export { leniencies, type AppliedLeniency, type LeniencyId } from './leniency.ts';
export {
  parseCertificateBundle,
  parseTrustAnchors,
  type AnchorScope,
  type RevocationMode,
  type TrustAnchor,
} from './trust-anchor.ts';
export { completeChain, missingIssuer, type MissingIssuer } from './chain.ts';
export { verifyCertificatePath, type PathInput, type TrustedCertificate } from './path.ts';
export { manufacturerName, type CertificateProfile } from './profile.ts';
export { verifyEkCertificate, type EndorsementInput, type TrustedEndorsement } from './endorsement.ts';
export { verifyDeviceIdentity, type TrustedDeviceIdentity } from './device-identity.ts';
export { parseCrl, parseCrlInPieces, revocationOf, type CertificateRevocationList, type Revocation } from './crl.ts';
export type { AttributeCertificate, PlatformFacts } from './attribute-certificate.ts';
export { isAttributeCertificate, parseAttributeCertificate } from './parse-attribute-certificate.ts';
export { verifyPlatformCertificate } from './platform.ts';
export { verifyRevocationList } from './revocation.ts';
export { readCertificateObservation, type CertificateObservation } from './observation.ts';
export { keyOfSignerCertificate, verifyContentSigner, type ContentSigner, type SignerTrust } from './content-signer.ts';
export { looksLikeSignedData, parseSignedData } from './parse-signed-data.ts';
export { verifySignedData } from './verify-signed-data.ts';
export { tags } from './asn1.ts';
export { derBitString, derElement, derInteger, derOid, derSequence, derTime } from './der-writer.ts';
export { nameOid } from './name.ts';
export { keyIdentifier } from './subject-key.ts';
