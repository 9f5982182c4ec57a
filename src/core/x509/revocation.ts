// Revocation along a path, from lists at hand. Nothing is fetched here. [RFC5280 §6.3]
import { VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import { recallSignature, type SignatureMemory } from './certificate-memory.ts';
import { revocationOf, type CertificateRevocationList } from './crl.ts';
import { pointNamesOf } from './distribution-points.ts';
import { signatureWeaknesses } from './signature-policy.ts';
import type { RevocationMode, TrustAnchor } from './trust-anchor.ts';

/** What a list may name. */
type Issued = Pick<Certificate, 'subject' | 'serialHex' | 'extensions'>;

export interface RevocationInput {
  readonly path: readonly Issued[];
  /** Of each member of `path`. */
  readonly issuers: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly at: Date;
  readonly crls: readonly CertificateRevocationList[];
  readonly mode: RevocationMode;
  /** Signatures that were found good before. */
  readonly signatures?: SignatureMemory | undefined;
}

/** Returns the printable subjects of the certificates for which no list was at hand. A revoked certificate is reported before a list that is
 * missing or stale: it is the graver fault.
 * @throws VerificationError X509_CERTIFICATE_REVOKED, X509_CRL_MISSING, X509_CRL_STALE, X509_CRL_SIGNATURE_INVALID */
export function checkRevocation(input: RevocationInput): readonly string[] {
  const members = input.path.map((certificate, index) => memberOf(input, certificate, index));
  members.forEach(refuseRevoked);
  const unchecked: string[] = [];
  for (const { certificate, who, issuer, lists } of members) {
    const whole = lists.filter((crl) => isWholeFor(crl, certificate));
    if (whole.length === 0) {
      if (input.mode === 'require') {
        throw new VerificationError('X509_CRL_MISSING', `no whole revocation list of ${issuer.subject} is at hand`);
      }
      unchecked.push(who);
      continue;
    }
    if (!whole.some((crl) => isFresh(crl, input.at))) {
      throw new VerificationError('X509_CRL_STALE', `the revocation list of ${issuer.subject} is not of this date`);
    }
  }
  return unchecked;
}

interface Member {
  readonly certificate: Issued;
  /** Printable. */
  readonly who: string;
  readonly issuer: Certificate;
  /** Of the issuer, each its own. */
  readonly lists: readonly CertificateRevocationList[];
}

function memberOf(input: RevocationInput, certificate: Issued, index: number): Member {
  const issuer = input.issuers[index] ?? input.anchor.certificate;
  const lists = input.crls.filter((crl) => isListOf(crl, issuer));
  for (const crl of lists) checkList(crl, issuer, input);
  const who = certificate.subject === '' ? `serial ${certificate.serialHex}` : certificate.subject;
  return { certificate, who, issuer, lists };
}

/** Whether a list would name the certificate if it were revoked: the list is of every kind of certificate and every reason and, where it is of
 * one distribution point, of one that the certificate names too. [RFC5280 §6.3.3 (b)] */
function isWholeFor({ isPartial, points }: CertificateRevocationList, { extensions }: Issued): boolean {
  if (isPartial || points === undefined) return !isPartial;
  const named = pointNamesOf(extensions);
  return points.some((name) => named.includes(name));
}

function refuseRevoked({ certificate, who, lists }: Member): void {
  const revoked = lists.map((crl) => revocationOf(crl, certificate)).find((entry) => entry !== undefined);
  if (revoked === undefined) return;
  throw new VerificationError('X509_CERTIFICATE_REVOKED', `${who} was revoked on ${revoked.revokedAt.toISOString()}`);
}

/** Proves that `issuer` made the list: its name and key, strong, and allowed to sign lists. Proves nothing about `issuer`.
 * @throws VerificationError X509_CRL_SIGNATURE_INVALID */
export function verifyRevocationList(crl: CertificateRevocationList, issuer: Certificate): void {
  if (!isListOf(crl, issuer) || !isOwn(crl, issuer, { legacy: false })) throw notItsOwn(issuer);
}

function isListOf(crl: CertificateRevocationList, issuer: Certificate): boolean {
  const contradicts =
    crl.authorityKeyIdHex !== undefined &&
    issuer.subjectKeyIdHex !== undefined &&
    crl.authorityKeyIdHex !== issuer.subjectKeyIdHex;
  return crl.issuerKey === issuer.subjectKey && !contradicts;
}

/** Whether its silence counts. What a list names stays revoked, however old the list is. */
function isFresh(crl: CertificateRevocationList, at: Date): boolean {
  return crl.nextUpdate !== undefined && crl.thisUpdate <= at && at <= crl.nextUpdate;
}

function checkList(crl: CertificateRevocationList, issuer: Certificate, { anchor, signatures }: RevocationInput): void {
  if (!isOwn(crl, issuer, { legacy: anchor.legacy === true, signatures })) throw notItsOwn(issuer);
}

interface OwnOptions {
  readonly legacy: boolean;
  readonly signatures?: SignatureMemory | undefined;
}

function isOwn(crl: CertificateRevocationList, issuer: Certificate, { legacy, signatures }: OwnOptions): boolean {
  const maySign = issuer.keyUsage === undefined || issuer.keyUsage.has('cRLSign');
  const key = issuer.publicKey;
  const weak = key !== undefined && !legacy && signatureWeaknesses(crl, key).length > 0;
  return maySign && !weak && recallSignature(crl, issuer, signatures);
}

function notItsOwn({ subject, keyUsage }: Certificate): VerificationError {
  if (keyUsage !== undefined && !keyUsage.has('cRLSign')) {
    const message = `the certificate of ${subject} may not sign revocation lists: its key usage has no cRLSign`;
    return new VerificationError('X509_CRL_SIGNATURE_INVALID', message, { remedy: mayNotSign });
  }
  const message = `a revocation list in the name of ${subject} is not its own`;
  return new VerificationError('X509_CRL_SIGNATURE_INVALID', message);
}

/** Fetching the list again changes nothing. */
const mayNotSign =
  'Name the certificate of the authority that its TPMs are under, if that one may sign lists. Else import none: no list of it counts, and one in the store would have all of its TPMs denied. What it revokes is denied by a deny list (`endorsement`).';
