// Who signed a document that somebody handed over (CMS, XML): a key that an operator named, or the holder of a certificate
// that leads to an authority that an operator named. What the document says of its signer finds keys and decides nothing.
import type { PublicKey, VerificationKey } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateRevocationList } from './crl.ts';
import { checkValidity } from './issuer.ts';
import { purposeOids } from './oids.table.ts';
import { verifyCertificatePath } from './path.ts';
import { isRocaKey, isWeakKey } from './signature-policy.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** Who is believed; all of it named by an operator. */
export interface SignerTrust {
  readonly keys: readonly VerificationKey[];
  readonly anchors: readonly TrustAnchor[];
  readonly at: Date;
  /** Lists of those authorities; a stale one refuses. */
  readonly crls?: readonly CertificateRevocationList[];
}

/** The signature to be proved, and the certificates that came with it. */
export interface ContentSignature {
  readonly isBy: (key: PublicKey) => boolean;
  /** What the signer shows as theirs, if anything. Untrusted. */
  readonly certificate: Certificate | undefined;
  /** Untrusted. */
  readonly intermediates: readonly Certificate[];
}

export interface ContentSigner {
  /** The named key by its name, or the subject of the certificate. */
  readonly name: string;
  /** Certificates of the path for which no revocation list was at hand. */
  readonly unchecked: readonly string[];
}

/**
 * Proves that a key named by an operator made the signature, or else the key of a certificate that is valid at `at`, may
 * sign documents, and leads to an authority named by an operator. It does not prove that what was signed is good.
 *
 * @throws VerificationError X509_SIGNER_UNTRUSTED, X509_SIGNER_PURPOSE, X509_CONTENT_SIGNATURE_INVALID, X509_PATH_*,
 *   X509_CRL_*, X509_CERTIFICATE_REVOKED
 */
export function verifyContentSigner(signature: ContentSignature, trust: SignerTrust): ContentSigner {
  const { keys, anchors, at, crls = [] } = trust;
  if (keys.length + anchors.length === 0) throw untrusted('no key and no authority was named to verify with');
  const named = keys.find(({ publicKey }) => !isFeeble(publicKey) && signature.isBy(publicKey));
  if (named !== undefined) return { name: named.kid, unchecked: [] };
  const { certificate, intermediates } = signature;
  if (anchors.length === 0) throw untrusted(`none of ${keys.length} named keys made the signature`);
  if (certificate?.publicKey === undefined) throw untrusted("the signer's certificate is not in the file");
  const { unchecked } = verifyCertificatePath({ leaf: certificate, intermediates, anchors, at, crls, profile: 'any' });
  checkPurpose(certificate);
  if (isFeeble(certificate.publicKey)) throw untrusted('the key of its certificate is weak');
  if (!signature.isBy(certificate.publicKey)) {
    throw new VerificationError('X509_CONTENT_SIGNATURE_INVALID', 'the signature is not one of these bytes');
  }
  return { name: certificate.subject, unchecked };
}

/** The key of a certificate that an operator named itself: no path is asked for, its own dates and purpose count.
 * @throws VerificationError X509_PATH_EXPIRED, X509_PATH_NOT_YET_VALID, X509_SIGNER_PURPOSE, X509_SIGNER_UNTRUSTED */
export function keyOfSignerCertificate(certificate: Certificate, at: Date): PublicKey {
  checkValidity(certificate, at);
  checkPurpose(certificate);
  if (certificate.publicKey === undefined) throw untrusted('the key of the certificate is of a kind that is not known');
  return certificate.publicKey;
}

function isFeeble(key: PublicKey): boolean {
  return isWeakKey(key) || isRocaKey(key);
}

const documentPurposes: readonly string[] = [
  purposeOids.codeSigning,
  purposeOids.emailProtection,
  purposeOids.documentSigning,
  purposeOids.any,
];

/** A certificate for a server or a client of the same authority signs no documents. [RFC5280 §4.2.1.3, §4.2.1.12] */
function checkPurpose({ keyUsage, extendedKeyUsage, subject }: Certificate): void {
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature') && !keyUsage.has('nonRepudiation')) {
    throw new VerificationError('X509_SIGNER_PURPOSE', `the key of ${subject} may not sign documents (keyUsage)`);
  }
  if (extendedKeyUsage !== undefined && !extendedKeyUsage.some((purpose) => documentPurposes.includes(purpose))) {
    throw new VerificationError('X509_SIGNER_PURPOSE', `${subject} is certified for other purposes than documents`);
  }
}

function untrusted(message: string): VerificationError {
  return new VerificationError('X509_SIGNER_UNTRUSTED', message);
}
