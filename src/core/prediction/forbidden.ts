// What dbx forbids: an image by its digest, or whoever signed it. [UEFI §32.5.3.3]
import { AttestationError, VerificationError } from '../error.ts';
import { bytesEqual } from '../encoding/index.ts';
import { hash } from '../crypto/index.ts';
import {
  annotateEventLog,
  readAuthoritySignature,
  type ClaimedEventLog,
  type SignatureDatabase,
  type SignatureEntry,
} from '../event-log/index.ts';
import { parseCertificate, type Certificate } from '../x509/index.ts';
import { authenticodeDigest } from './authenticode.ts';
import { hasIssued, readImageSignatures } from './image-signature.ts';
import type { PortableExecutable } from './parse-pe.ts';

/** @param what names the image in the refusal
 * @throws VerificationError PREDICTION_IMAGE_FORBIDDEN; MalformedError PREDICTION_SIGNATURE_INVALID */
export function requireAllowed(image: PortableExecutable, forbidden: SignatureDatabase, what: string): void {
  const signatures = readImageSignatures(image);
  const digest = authenticodeDigest(image, 'sha256');
  for (const entry of forbidden.entries) {
    if (isDigest(entry, digest)) throw refusal(what);
    if (signatures.some(({ path }) => path.some((each) => isOrIssued(entry, each))))
      throw refusal(`who signed ${what}`);
  }
}

/** The same for a boot that stays as its log shows it, where dbx is to hold more than it held then.
 * @throws VerificationError PREDICTION_IMAGE_FORBIDDEN; PREDICTION_VARIABLES_MISSING where the log cannot tell */
export function requireLogAllowed(log: ClaimedEventLog, before: SignatureDatabase, after: SignatureDatabase): void {
  const isNew = (entry: SignatureEntry): boolean => !before.entries.some((each) => bytesEqual(each.data, entry.data));
  const added = after.entries.filter(isNew);
  const digests = added.filter(({ type }) => type === 'sha256');
  const signers = added.filter(({ type }) => type !== 'sha256');
  const measured = new Map(log.events.map(({ index, digests: each }) => [index, each.get('sha256')]));
  for (const { index, decoded } of annotateEventLog(log).events) {
    if (decoded?.kind === 'image') requireImage(index, measured.get(index), digests);
    if (decoded?.kind === 'uefi-variable') requireAuthority(index, readAuthoritySignature(decoded.data), signers);
  }
}

function requireImage(index: number, digest: Uint8Array | undefined, forbidden: readonly SignatureEntry[]): void {
  if (forbidden.length === 0) return;
  if (digest === undefined) throw unknown(`the image of event ${index} has no SHA-256 digest to hold against dbx`);
  if (forbidden.some((entry) => isDigest(entry, digest))) throw refusal(`the image of event ${index} of the log`);
}

/** A log does not say who signed an image, only which authority admitted it. So a certificate in dbx that this authority issued may be that
 * of the signer, and nobody can tell. */
function requireAuthority(
  index: number,
  authority: SignatureEntry | undefined,
  forbidden: readonly SignatureEntry[],
): void {
  const admitted = authority && readEntryCertificate(authority.data);
  if (admitted === undefined) return;
  for (const entry of forbidden) {
    if (isOrIssued(entry, admitted)) throw refusal(`the authority of event ${index} of the log`);
    const certificate = entry.type === 'x509' ? readEntryCertificate(entry.data) : undefined;
    if (certificate !== undefined && hasIssued(admitted, certificate)) {
      throw unknown(`dbx forbids one whom the authority of event ${index} certified, and no log says who signed`);
    }
  }
}

function isDigest({ type, data }: SignatureEntry, digest: Uint8Array): boolean {
  return type === 'sha256' && bytesEqual(data, digest);
}

/** The entry is this certificate, or issued it; or is the digest of its TBSCertificate, whatever the time beside it. */
function isOrIssued(entry: SignatureEntry, certificate: Certificate): boolean {
  if (entry.type === 'x509-sha256') return bytesEqual(entry.data.subarray(0, 32), hash('sha256', certificate.tbs));
  const named = entry.type === 'x509' ? readEntryCertificate(entry.data) : undefined;
  return named !== undefined && (bytesEqual(named.der, certificate.der) || hasIssued(named, certificate));
}

/** Firmware skips what it cannot read, and so do we. */
export function readEntryCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function refusal(what: string): VerificationError {
  return new VerificationError('PREDICTION_IMAGE_FORBIDDEN', `the revocation database (dbx) forbids ${what}`);
}

function unknown(problem: string): VerificationError {
  return new VerificationError('PREDICTION_VARIABLES_MISSING', `${problem}: give the binaries (--efi)`);
}
