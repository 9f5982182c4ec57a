// The signature of a CMS SignedData: over its attributes, and through them over its content. [RFC5652 §5.4, §5.6]
import {
  equalInConstantTime,
  hash,
  verifySignature,
  type HashAlgorithm,
  type SignatureScheme,
} from '../crypto/index.ts';
import { bytesEqual } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import { ElementReader } from './asn1.ts';
import type { Certificate } from './certificate.ts';
import { verifyContentSigner, type ContentSigner, type SignerTrust } from './content-signer.ts';
import type { ClaimedSignedData, ClaimedSignerInfo } from './parse-signed-data.ts';
import { readContentSignatureAlgorithm } from './signature-algorithm.ts';

export interface VerifiedContent {
  readonly content: Uint8Array;
  readonly signer: ContentSigner;
}

/**
 * Proves:
 * 1. the signed attributes name the digest of exactly this content, by a hash that is not broken, and its type;
 * 2. one signature over exactly these attributes, of the kind that the file names;
 * 3. who made it: as `verifyContentSigner`.
 * What is not under the signature (other certificates, unsigned attributes, the order of parts) is not looked at.
 *
 * @throws VerificationError X509_SIGNED_DATA_UNSUPPORTED, X509_SIGNED_DATA_DIGEST and those of `verifyContentSigner`
 * @throws MalformedError X509_SIGNED_DATA_MALFORMED
 */
export function verifySignedData(claimed: ClaimedSignedData, trust: SignerTrust): VerifiedContent {
  const { signer, content, contentType, certificates } = claimed;
  const { digest } = signer;
  if (digest === undefined || digest === 'sha1') throw unsupported('its digest algorithm is broken or not known');
  if (signer.contentType !== contentType) throw mismatch('the signed type of the content is another');
  if (!equalInConstantTime(hash(digest, content), signer.messageDigest)) throw mismatch('the content was changed');
  const scheme = schemeOf(signer, digest);
  const certificate = certificates.find((each) => isNamedBy(each, signer.untrustedId));
  const signature = {
    isBy: (key: Parameters<typeof verifySignature>[0]) =>
      verifySignature(key, scheme, signer.attributes, signer.signature),
    certificate,
    intermediates: certificates.filter((each) => each !== certificate),
  };
  return { content, signer: verifyContentSigner(signature, trust) };
}

/** The hash of the signature is that of the digest: two hashes in one signature are of no known tool. */
function schemeOf({ algorithm }: ClaimedSignerInfo, digest: HashAlgorithm): SignatureScheme {
  const reader = new ElementReader(algorithm.bytes, 'X509_SIGNED_DATA_MALFORMED', algorithm.offset);
  const scheme = readContentSignatureAlgorithm(reader.inside(reader.any('signatureAlgorithm')), digest);
  // Ed25519 hashes by itself, and its attributes carry SHA-512. [RFC8419 §3]
  const hashed = scheme?.kind === 'ed25519' ? 'sha512' : scheme?.hash;
  if (scheme === undefined || hashed !== digest) throw unsupported('its signature algorithm is not known');
  return scheme;
}

function isNamedBy(certificate: Certificate, id: ClaimedSignerInfo['untrustedId']): boolean {
  if ('keyIdHex' in id) return certificate.subjectKeyIdHex === id.keyIdHex;
  return certificate.serialHex === id.serialHex && bytesEqual(certificate.issuerDer, id.issuerDer);
}

function unsupported(message: string): VerificationError {
  return new VerificationError('X509_SIGNED_DATA_UNSUPPORTED', message);
}

function mismatch(message: string): VerificationError {
  return new VerificationError('X509_SIGNED_DATA_DIGEST', message);
}
