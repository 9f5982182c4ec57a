// What a maker of machines says of the machine of a host. Asked anew each time, as the endorsement of its TPM is.
import type { PlatformStanding } from '../appraisal/index.ts';
import { AttestationError, VerificationError } from '../error.ts';
import {
  completeChain,
  isAttributeCertificate,
  parseAttributeCertificate,
  parseCertificate,
  recallCertificate,
  verifyPlatformCertificate,
  type AttributeCertificate,
  type Certificate,
  type CertificateMemory,
} from '../x509/index.ts';
import type { EndorsementRoots, EnrolledHost } from './enrolled-host.ts';
import { judgeCertificate } from './standing.ts';

/** Refuses what a host sent where it cannot be read, so that it is never kept.
 * @throws MalformedError X509_ATTRIBUTE_CERTIFICATE_MALFORMED, X509_CERTIFICATE_MALFORMED, X509_EXTENSION_* */
export function checkReadable(sent: readonly Uint8Array[]): readonly Uint8Array[] {
  sortOut(sent, parseCertificate);
  return sent;
}

/** Undefined where the host sent no platform certificate. Validity is judged when the host enrolled; revocation at `at`. Of several
 * certificates the first that is proven counts, and without any what speaks against the first. */
export function judgePlatform(
  host: EnrolledHost,
  roots: EndorsementRoots,
  at: Date,
  memory?: CertificateMemory,
): PlatformStanding | undefined {
  const { platforms, issuers } = sortOut(host.platformCertificates, (bytes) => recallCertificate(bytes, memory));
  const outcomes = platforms.map((platform) => judgeOne(platform, issuers, { host, roots, at, memory }));
  return outcomes.find((outcome) => 'facts' in outcome) ?? outcomes[0];
}

interface Surroundings {
  readonly host: EnrolledHost;
  readonly roots: EndorsementRoots;
  readonly at: Date;
  readonly memory: CertificateMemory | undefined;
}

function judgeOne(
  platform: AttributeCertificate,
  issuers: readonly Certificate[],
  { host, roots, at, memory }: Surroundings,
): PlatformStanding {
  try {
    const { ekCertificate } = host;
    // Anybody can make an EK certificate with the issuer and serial number that the platform certificate names.
    if (ekCertificate === undefined || judgeCertificate(host, roots, at, memory).endorsement !== 'verified') {
      throw new VerificationError(
        'X509_PLATFORM_HOLDER_UNPROVEN',
        'the host has no EK certificate that is proven, and the platform certificate is bound to one',
      );
    }
    const { facts, anchor } = verifyPlatformCertificate({
      platform,
      ekCertificate: recallCertificate(ekCertificate, memory),
      intermediates: completeChain(platform, issuers, roots.intermediates),
      anchors: roots.platformAnchors,
      crls: roots.revocationLists,
      at: new Date(host.enrolledAt),
      revocationAt: at,
      signatures: memory?.signatures,
    });
    return { facts, anchor: anchor.name };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

function sortOut(sent: readonly Uint8Array[], read: (bytes: Uint8Array) => Certificate) {
  const attribute = sent.filter(isAttributeCertificate);
  const others = sent.filter((bytes) => !isAttributeCertificate(bytes));
  return { platforms: attribute.map(parseAttributeCertificate), issuers: others.map(read) };
}
