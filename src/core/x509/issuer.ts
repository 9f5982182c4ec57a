// May this certificate have issued that one, and was it allowed to? [RFC5280 §6.1.3, §6.1.4]
import { VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import { extensionOids } from './oids.table.ts';

/** Extensions whose criticality this room can honour: it processes them, or they only name what it does not use. */
const processed: ReadonlySet<string> = new Set([
  extensionOids.basicConstraints,
  extensionOids.keyUsage,
  extensionOids.extendedKeyUsage,
  extensionOids.subjectAltName,
  extensionOids.subjectKeyIdentifier,
  extensionOids.authorityKeyIdentifier,
  // Policies bind nobody as long as no certificate of the path requires one; those that do are refused below.
  extensionOids.certificatePolicies,
  extensionOids.inhibitAnyPolicy,
]);

/** Refused wherever they stand, critical or not: they would narrow what the issuer may certify, and are not processed. */
const refused: Readonly<Record<string, string>> = {
  [extensionOids.nameConstraints]: 'name constraints',
  [extensionOids.policyConstraints]: 'policy constraints',
};

/** What an issuer may have issued: a certificate, or an attribute certificate. */
export type Issued = Pick<Certificate, 'issuerKey' | 'issuerDer' | 'authorityKeyIdHex' | 'authoritySerialHex'>;
type Dated = Pick<Certificate, 'subject' | 'serialHex' | 'notBefore' | 'notAfter' | 'extensions'>;

/** Cheap and before any signature: names match, and key identifiers do not contradict. */
export function mayHaveIssued(issuer: Certificate, certificate: Issued): boolean {
  if (issuer.subjectKey !== certificate.issuerKey || certificate.issuerDer.length === 2) return false;
  const { authorityKeyIdHex, authoritySerialHex } = certificate;
  if (authorityKeyIdHex !== undefined && issuer.subjectKeyIdHex !== undefined) {
    return authorityKeyIdHex === issuer.subjectKeyIdHex;
  }
  return authoritySerialHex === undefined || authorityKeyIdHex !== undefined || authoritySerialHex === issuer.serialHex;
}

/** The certificate itself at a date: validity, and no extension it insists on that is not understood.
 * @throws VerificationError X509_PATH_EXPIRED, X509_PATH_NOT_YET_VALID, X509_PATH_CRITICAL_UNKNOWN, X509_PATH_CONSTRAINED */
export function checkValidity(certificate: Dated, at: Date): void {
  const who = certificate.subject === '' ? `serial ${certificate.serialHex}` : certificate.subject;
  if (Number.isNaN(at.getTime())) throw new TypeError('path validation needs a date');
  if (at < certificate.notBefore) {
    throw new VerificationError(
      'X509_PATH_NOT_YET_VALID',
      `${who} is valid from ${certificate.notBefore.toISOString()}`,
    );
  }
  if (at > certificate.notAfter) {
    throw new VerificationError('X509_PATH_EXPIRED', `${who} was valid until ${certificate.notAfter.toISOString()}`);
  }
  checkExtensions(certificate, who);
}

/** The issuer of the last certificate of `path`: an authority, within its path length, that may sign certificates.
 * @throws VerificationError X509_PATH_NOT_CA, X509_PATH_KEY_USAGE, X509_PATH_LENGTH, X509_PATH_CRITICAL_UNKNOWN,
 * X509_PATH_CONSTRAINED */
export function checkIssuer(issuer: Certificate, path: readonly Certificate[]): void {
  const { basicConstraints, keyUsage, subject } = issuer;
  if (issuer.version !== 3 || basicConstraints?.ca !== true) {
    throw new VerificationError('X509_PATH_NOT_CA', `${subject} is not the certificate of an authority`);
  }
  if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) {
    throw new VerificationError('X509_PATH_KEY_USAGE', `the key of ${subject} may not sign certificates`);
  }
  const intermediates = path.slice(1).filter((certificate) => certificate.subjectKey !== certificate.issuerKey).length;
  if (basicConstraints.pathLength !== undefined && intermediates > basicConstraints.pathLength) {
    throw new VerificationError(
      'X509_PATH_LENGTH',
      `${subject} allows ${basicConstraints.pathLength} authorities below it`,
    );
  }
  checkExtensions(issuer, subject);
}

function checkExtensions(certificate: Pick<Certificate, 'extensions'>, who: string): void {
  for (const { oid, critical } of certificate.extensions) {
    if (Object.hasOwn(refused, oid)) {
      throw new VerificationError(
        'X509_PATH_CONSTRAINED',
        `${who} has ${refused[oid] ?? oid}, which are not supported`,
      );
    }
    if (critical && !processed.has(oid)) {
      throw new VerificationError('X509_PATH_CRITICAL_UNKNOWN', `${who} has the critical extension ${oid}`);
    }
  }
}
