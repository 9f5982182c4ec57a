// Is this machine one that its maker made around this TPM? [TCG-PLATFORM §3, RFC5755 §5]
import { AttestationError, VerificationError } from '../error.ts';
import type { AttributeCertificate, PlatformFacts } from './attribute-certificate.ts';
import { isHolder } from './attribute-holder.ts';
import type { Certificate } from './certificate.ts';
import { checkValidity, mayHaveIssued } from './issuer.ts';
import { purposeOids } from './oids.table.ts';
import { verifyCertificatePath, type PathInput } from './path.ts';
import { checkRevocation } from './revocation.ts';
import { isRocaKey, isSignedBy, isWeakKey, signatureWeaknesses } from './signature-policy.ts';
import type { TrustAnchor } from './trust-anchor.ts';

export interface PlatformInput extends Omit<PathInput, 'leaf' | 'profile'> {
  readonly platform: AttributeCertificate;
  /** Of the very TPM that the host enrolled with. */
  readonly ekCertificate: Certificate;
}

declare const platformTrusted: unique symbol;

/** A machine, as a trusted maker describes it, bound to one TPM. Made here only. */
export interface TrustedPlatform {
  readonly [platformTrusted]: true;
  readonly facts: PlatformFacts;
  readonly anchor: TrustAnchor;
}

const maximumAttempts = 16;

/** Proves:
 * 1. it is a platform certificate, and names the maker and the model of a machine;
 * 2. its holder is the EK certificate at hand: by issuer and serial number, or by digest;
 * 3. at `at` it is within its validity, and insists on nothing that is not understood;
 * 4. its issuer signed the exact bytes with a strong key, and has a valid path to one of `anchors`, or is one;
 * 5. no list in `crls` revokes it or its issuers (at `revocationAt`).
 * Does not prove that the EK certificate is that of the host's TPM (verifyEkCertificate and activation do), nor that a single
 * part it lists is still in the machine: parts are the maker's claim, and nothing measures them.
 * @throws VerificationError X509_PLATFORM_*, X509_PATH_*, X509_CRL_*, X509_CERTIFICATE_REVOKED, X509_KEY_ROCA */
export function verifyPlatformCertificate({ platform, ekCertificate, ...path }: PlatformInput): TrustedPlatform {
  if (path.anchors.length === 0) {
    throw new VerificationError('X509_PATH_NOTHING_TO_TRUST', 'no trust anchor for machines: nothing can be verified');
  }
  const facts = checkKind(platform);
  if (!isHolder(platform.holder, ekCertificate)) {
    throw new VerificationError('X509_PLATFORM_HOLDER_OTHER', 'it is about another TPM than the one of this host');
  }
  checkValidity({ ...platform, subject: '' }, path.at);
  return { facts, anchor: findAnchor(platform, path) } as TrustedPlatform;
}

function checkKind({ kinds, platform }: AttributeCertificate): PlatformFacts {
  if (kinds.length > 0 && !kinds.includes(purposeOids.platformCertificate)) {
    throw new VerificationError('X509_PLATFORM_KIND', `a certificate of the kind ${kinds.join(', ')}`);
  }
  if (platform === undefined) {
    throw new VerificationError('X509_PLATFORM_KIND', 'it does not name manufacturer and model of a machine');
  }
  return platform;
}

/** The first issuer that holds in every way; else what spoke against the one that came furthest. */
function findAnchor(platform: AttributeCertificate, path: Omit<PathInput, 'leaf' | 'profile'>): TrustAnchor {
  const candidates = [...path.anchors.map(({ certificate }) => certificate), ...path.intermediates];
  let failure: AttestationError | undefined;
  for (const issuer of candidates.filter((one) => mayHaveIssued(one, platform)).slice(0, maximumAttempts)) {
    try {
      return verifyIssuer(platform, issuer, path);
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      failure = error;
    }
  }
  throw (
    failure ?? new VerificationError('X509_PATH_NO_ANCHOR', `no certificate at hand of the issuer "${platform.issuer}"`)
  );
}

function verifyIssuer(
  platform: AttributeCertificate,
  issuer: Certificate,
  path: Omit<PathInput, 'leaf' | 'profile'>,
): TrustAnchor {
  const { publicKey } = issuer;
  if (publicKey === undefined || platform.signatureScheme === undefined) {
    throw new VerificationError('X509_PATH_ALGORITHM_UNSUPPORTED', 'its signature is of a kind that is not supported');
  }
  if (!isSignedBy(platform, publicKey)) {
    throw new VerificationError('X509_PATH_SIGNATURE_INVALID', 'it is not signed by the issuer it names');
  }
  checkSigner(issuer);
  const anchor = anchorAbove(issuer, path);
  if (isWeakKey(publicKey) || (anchor.legacy !== true && signatureWeaknesses(platform, publicKey).length > 0)) {
    throw new VerificationError('X509_PATH_ALGORITHM_WEAK', 'it is signed with SHA-1 or with a weak key');
  }
  if (isRocaKey(publicKey))
    throw new VerificationError('X509_KEY_ROCA', `the private key of ${issuer.subject} can be computed`);
  checkRevocation({
    path: [{ subject: 'the platform certificate', serialHex: platform.serialHex, extensions: platform.extensions }],
    issuers: [issuer],
    anchor,
    at: path.revocationAt ?? path.at,
    crls: path.crls ?? [],
    signatures: path.signatures,
    mode: anchor.revocation ?? path.revocation ?? 'if-present',
  });
  return anchor;
}

/** The issuer is a key that is certified for signing, or an authority. RFC 5755 wants no authority here (so that serial numbers are not
 * confused); makers of machines sign platform certificates with their authorities all the same. [RFC5755 §4.5] */
function checkSigner({ keyUsage, basicConstraints, subject }: Certificate): void {
  const isAuthority = basicConstraints?.ca === true && (keyUsage === undefined || keyUsage.has('keyCertSign'));
  if (isAuthority || keyUsage?.has('digitalSignature') === true) return;
  throw new VerificationError('X509_PATH_KEY_USAGE', `the key of ${subject} may not sign attribute certificates`);
}

function anchorAbove(issuer: Certificate, path: Omit<PathInput, 'leaf' | 'profile'>): TrustAnchor {
  const own = path.anchors.find(({ certificate }) => certificate === issuer);
  return own ?? verifyCertificatePath({ ...path, leaf: issuer, profile: 'any' }).anchor;
}
