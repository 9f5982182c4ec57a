// Revocation along a path, from lists at hand. Nothing is fetched here. [RFC5280 §6.3]
import { VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateRevocationList } from './crl.ts';
import { isSignedBy, signatureWeaknesses } from './signature-policy.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** `require`: every certificate below the anchor needs a fresh list of its issuer. `if-present`: lists given are applied
 * (a stale one refuses), certificates whose issuer gave none pass and are named in `unchecked`. */
export type RevocationMode = 'if-present' | 'require';

export interface RevocationInput {
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly at: Date;
  readonly crls: readonly CertificateRevocationList[];
  readonly mode: RevocationMode;
}

/** Printable subjects of the certificates no list was at hand for.
 * @throws VerificationError X509_CERTIFICATE_REVOKED, X509_CRL_MISSING, X509_CRL_STALE, X509_CRL_SIGNATURE_INVALID */
export function checkRevocation(input: RevocationInput): readonly string[] {
  const unchecked: string[] = [];
  input.path.forEach((certificate, index) => {
    const issuer = input.path[index + 1] ?? input.anchor.certificate;
    const lists = input.crls.filter((crl) => isListOf(crl, issuer));
    const who = certificate.subject === '' ? `serial ${certificate.serialHex}` : certificate.subject;
    if (lists.length === 0) {
      if (input.mode === 'require') {
        throw new VerificationError('X509_CRL_MISSING', `no revocation list of ${issuer.subject} is at hand`);
      }
      unchecked.push(who);
      return;
    }
    for (const crl of lists) checkList(crl, issuer, input);
    const revoked = lists.map((crl) => crl.revoked.get(certificate.serialHex)).find((entry) => entry !== undefined);
    if (revoked !== undefined) {
      throw new VerificationError(
        'X509_CERTIFICATE_REVOKED',
        `${who} was revoked on ${revoked.revokedAt.toISOString()}`,
      );
    }
    if (!lists.some((crl) => isFresh(crl, input.at))) {
      throw new VerificationError('X509_CRL_STALE', `the revocation list of ${issuer.subject} is not of this date`);
    }
  });
  return unchecked;
}

function isListOf(crl: CertificateRevocationList, issuer: Certificate): boolean {
  const contradicts =
    crl.authorityKeyIdHex !== undefined &&
    issuer.subjectKeyIdHex !== undefined &&
    crl.authorityKeyIdHex !== issuer.subjectKeyIdHex;
  return crl.issuerKey === issuer.subjectKey && !contradicts;
}

/** An old list still revokes what it names; only its silence has an end. */
function isFresh(crl: CertificateRevocationList, at: Date): boolean {
  return crl.nextUpdate !== undefined && crl.thisUpdate <= at && at <= crl.nextUpdate;
}

function checkList(crl: CertificateRevocationList, issuer: Certificate, { anchor }: RevocationInput): void {
  const maySign = issuer.keyUsage === undefined || issuer.keyUsage.has('cRLSign');
  const key = issuer.publicKey;
  const weak = key !== undefined && anchor.legacy !== true && signatureWeaknesses(crl, key).length > 0;
  if (!maySign || weak || !isSignedBy(crl, key)) {
    throw new VerificationError(
      'X509_CRL_SIGNATURE_INVALID',
      `a revocation list in the name of ${issuer.subject} is not its own`,
    );
  }
}
