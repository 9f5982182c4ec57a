// Path validation at a given date: fail closed, with backtracking, and with a cap on the work. [RFC5280 §6]
import { bytesEqual } from '../encoding/index.ts';
import { AttestationError, VerificationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import { recallSignature, type SignatureMemory } from './certificate-memory.ts';
import type { CertificateRevocationList } from './crl.ts';
import { checkIssuer, checkValidity, mayHaveIssued } from './issuer.ts';
import type { AppliedLeniency, LeniencyId } from './leniency.ts';
import { checkProfile, type CertificateProfile } from './profile.ts';
import { checkRevocation } from './revocation.ts';
import { isRocaKey, signatureWeaknesses } from './signature-policy.ts';
import type { RevocationMode, TrustAnchor } from './trust-anchor.ts';

export interface PathInput {
  readonly leaf: Certificate;
  /** Untrusted: the host may have sent them. They can help a path along, never start one. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly TrustAnchor[];
  readonly at: Date;
  readonly profile: CertificateProfile;
  readonly crls?: readonly CertificateRevocationList[];
  /** Unless the anchor says otherwise. `if-present` unless told. */
  readonly revocation?: RevocationMode;
  /** When lists must be fresh; `at` unless told. */
  readonly revocationAt?: Date;
  /** Signatures that were found good before. */
  readonly signatures?: SignatureMemory | undefined;
}

declare const trusted: unique symbol;

/** A certificate whose path to a pinned anchor was verified at a date. Made here only. */
export interface TrustedCertificate {
  readonly [trusted]: true;
  readonly leaf: Certificate;
  /** From the leaf to the certificate that the anchor issued; the anchor itself is not in it. */
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly at: Date;
  readonly leniencies: readonly AppliedLeniency[];
  /** Printable subjects of the certificates for which no revocation list was at hand. */
  readonly unchecked: readonly string[];
}

const maximumDepth = 32;
const maximumIntermediates = 64;
const maximumSteps = 512;

/** The candidate issuer of the last certificate of a path: an anchor, or an untrusted certificate. */
interface Candidate {
  readonly certificate: Certificate;
  readonly anchor: TrustAnchor | undefined;
}

interface Search {
  readonly input: PathInput;
  readonly candidates: readonly Candidate[];
  readonly failures: { readonly depth: number; readonly error: AttestationError }[];
  readonly signatures: Map<Certificate, Map<Certificate, boolean>>;
  steps: number;
}

/** Proves:
 * 1. a chain of signatures, each over the exact bytes received, leads from `leaf` to one of `anchors`;
 * 2. at `at`, every certificate below the anchor is within its validity and none is revoked by a list in `crls`;
 * 3. every issuer is an authority: CA true, keyCertSign, path length kept, no extension that is critical and unknown,
 *    no name or policy constraint (not supported, therefore refused);
 * 4. algorithms and keys are strong, unless the anchor is marked legacy; no key is of the flawed generator (ROCA);
 * 5. the leaf has the form of `profile`.
 * Does not prove that whoever presents the certificate holds its key, nor (with `if-present`) that certificates without
 * a list were not revoked: `unchecked` names them.
 * @throws VerificationError X509_PATH_*, X509_PROFILE_*, X509_CRL_*, X509_CERTIFICATE_REVOKED, X509_KEY_ROCA */
export function verifyCertificatePath(input: PathInput): TrustedCertificate {
  if (input.anchors.length === 0) {
    throw new VerificationError('X509_PATH_NOTHING_TO_TRUST', 'no trust anchor is configured: nothing can be verified');
  }
  if (input.intermediates.length > maximumIntermediates) {
    throw new VerificationError(
      'X509_PATH_TOO_LONG',
      `${input.intermediates.length} intermediate certificates are too many`,
    );
  }
  const search: Search = {
    input,
    candidates: candidatesOf(input),
    failures: [],
    signatures: new Map(),
    steps: 0,
  };
  const found = extend(search, [input.leaf]);
  if (found !== undefined) return found;
  const [deepest] = search.failures.toSorted((left, right) => right.depth - left.depth);
  throw deepest?.error ?? noAnchor(input.leaf);
}

/** Anchors first: the shortest way out. */
function candidatesOf({ anchors, intermediates }: PathInput): readonly Candidate[] {
  return [
    ...anchors.map((anchor) => ({ certificate: anchor.certificate, anchor })),
    ...intermediates.map((certificate) => ({ certificate, anchor: undefined })),
  ];
}

/** Depth first: the first complete path that passes every check. A check that fails rules out one path, not the others. */
function extend(search: Search, path: readonly Certificate[]): TrustedCertificate | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  if (path.length > maximumDepth) {
    search.failures.push({ depth: path.length, error: tooDeep(path) });
    return undefined;
  }
  for (const candidate of search.candidates) {
    if (!mayHaveIssued(candidate.certificate, last) || isInPath(path, candidate)) continue;
    search.steps += 1;
    if (search.steps > maximumSteps) {
      throw new VerificationError('X509_PATH_TOO_LONG', 'the certificates given allow too many paths to try them all');
    }
    const found = attempt(search, path.length, () => step(search, path, last, candidate));
    if (found !== undefined) return found;
  }
  // For the leaf itself `verifyCertificatePath` says so, where no other failure was found.
  if (path.length > 1) search.failures.push({ depth: path.length - 1, error: noAnchor(last) });
  return undefined;
}

function step(
  search: Search,
  path: readonly Certificate[],
  last: Certificate,
  { certificate: issuer, anchor }: Candidate,
): TrustedCertificate | undefined {
  if (last.signatureScheme === undefined || issuer.publicKey === undefined) throw unsupported(last, issuer);
  if (!isSignedByOnce(search, last, issuer)) {
    throw new VerificationError('X509_PATH_SIGNATURE_INVALID', `not signed by the issuer it names: ${describe(last)}`);
  }
  checkValidity(last, search.input.at);
  checkIssuer(issuer, path);
  return anchor === undefined ? extend(search, [...path, issuer]) : complete(search.input, path, anchor);
}

/** Everything that can be judged only on a whole path. */
function complete(input: PathInput, path: readonly Certificate[], anchor: TrustAnchor): TrustedCertificate {
  for (const certificate of [...path, anchor.certificate]) refuseRoca(certificate);
  const leniencies: AppliedLeniency[] = [];
  const forgive = (certificate: Certificate, ids: readonly LeniencyId[]): void => {
    for (const id of ids) leniencies.push({ id, certificate: describe(certificate) });
  };
  path.forEach((certificate, index) => {
    const issuer = path[index + 1] ?? anchor.certificate;
    forgive(certificate, certificate.leniencies);
    if (certificate.authorityKeyIdHex === undefined) forgive(certificate, ['missing-authority-key-identifier']);
    forgive(certificate, weaknessesUnder(anchor, certificate, issuer));
    if (issuer.keyUsage === undefined) forgive(issuer, ['missing-key-usage']);
  });
  if (input.at < anchor.certificate.notBefore || input.at > anchor.certificate.notAfter) {
    forgive(anchor.certificate, ['expired-anchor']);
  }
  const unchecked = checkRevocation({
    path,
    issuers: [...path.slice(1), anchor.certificate],
    anchor,
    at: input.revocationAt ?? input.at,
    crls: input.crls ?? [],
    signatures: input.signatures,
    mode: anchor.revocation ?? input.revocation ?? 'if-present',
  });
  forgive(input.leaf, checkProfile(input.leaf, input.profile, anchor.scope));
  return {
    leaf: input.leaf,
    path,
    anchor,
    at: input.at,
    leniencies,
    unchecked,
  } as unknown as TrustedCertificate;
}

/** Whoever has such a public key can compute the private one: no anchor's `legacy` forgives it. */
function refuseRoca(certificate: Certificate): void {
  if (!isRocaKey(certificate.publicKey)) return;
  throw new VerificationError('X509_KEY_ROCA', `the private key of ${describe(certificate)} can be computed`);
}

function weaknessesUnder(anchor: TrustAnchor, certificate: Certificate, issuer: Certificate): readonly LeniencyId[] {
  const weaknesses = issuer.publicKey === undefined ? [] : signatureWeaknesses(certificate, issuer.publicKey);
  if (weaknesses.length > 0 && anchor.legacy !== true) {
    throw new VerificationError(
      'X509_PATH_ALGORITHM_WEAK',
      `${describe(certificate)}: ${weaknesses.join(', ')}, and the anchor is not marked legacy`,
    );
  }
  return weaknesses;
}

function attempt(
  search: Search,
  depth: number,
  run: () => TrustedCertificate | undefined,
): TrustedCertificate | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof AttestationError) || error.code === 'X509_PATH_TOO_LONG') throw error;
    search.failures.push({ depth, error });
    return undefined;
  }
}

/** A certificate, or another one for the same name and key, stands in a path once: no loops. */
function isInPath(path: readonly Certificate[], { certificate, anchor }: Candidate): boolean {
  if (anchor !== undefined) return false;
  return path.some(
    (other) => bytesEqual(other.spki, certificate.spki) && bytesEqual(other.subjectDer, certificate.subjectDer),
  );
}

function isSignedByOnce({ signatures, input }: Search, certificate: Certificate, issuer: Certificate): boolean {
  const known = signatures.get(certificate) ?? new Map<Certificate, boolean>();
  signatures.set(certificate, known);
  const answer = known.get(issuer) ?? recallSignature(certificate, issuer, input.signatures);
  known.set(issuer, answer);
  return answer;
}

function unsupported(certificate: Certificate, issuer: Certificate): VerificationError {
  const what =
    certificate.signatureScheme === undefined
      ? `the signature algorithm ${certificate.signatureOid} of ${describe(certificate)}`
      : `the key of ${describe(issuer)}`;
  return new VerificationError('X509_PATH_ALGORITHM_UNSUPPORTED', `${what} is of a kind that is not supported`);
}

/** No reason to stop: a shorter path may be there. */
function tooDeep(path: readonly Certificate[]): VerificationError {
  const words = `a path of more than ${maximumDepth} certificates below the anchor is not followed`;
  return new VerificationError('X509_PATH_TOO_LONG', `${words}: this one has ${path.length}`);
}

function noAnchor(certificate: Certificate): VerificationError {
  const keyId = certificate.authorityKeyIdHex === undefined ? '' : ` (key ${certificate.authorityKeyIdHex})`;
  return new VerificationError(
    'X509_PATH_NO_ANCHOR',
    `no certificate at hand of the issuer "${certificate.issuer}"${keyId}`,
  );
}

function describe(certificate: Certificate): string {
  return certificate.subject === '' ? `serial ${certificate.serialHex} of ${certificate.issuer}` : certificate.subject;
}
