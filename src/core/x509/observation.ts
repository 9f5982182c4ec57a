// What a certificate file shows, in the vocabulary of the conformance cases. No trust is decided here, no date looked at.
import { AttestationError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import { mayHaveIssued } from './issuer.ts';
import { parseAttributeCertificate } from './parse-attribute-certificate.ts';
import { parseCertificate } from './parse-certificate.ts';
import { isSignedBy } from './signature-policy.ts';
import { parseCertificateBundle } from './trust-anchor.ts';

export interface CertificateObservation {
  readonly type: 'certificate' | 'attribute-certificate' | 'bundle' | 'malformed';
  readonly serial_hex?: string;
  readonly subject?: string;
  readonly issuer?: string;
  readonly ca?: boolean;
  readonly tpm_manufacturer?: string;
  readonly tpm_model?: string;
  readonly tpm_version?: string;
  readonly chain_complete_to_root?: boolean;
  /** Of a bundle: how many it holds. */
  readonly certificates?: number;
  /** Why the bytes are no certificate. */
  readonly code?: string;
  readonly leniencies?: readonly string[];
}

const maximumDepth = 16;

/** Reads `bytes` (a certificate, or a PEM bundle) and tries to reach a self-signed root among `chain` by signatures only.
 * Proves nothing about trust: a chain that is complete ends in whatever root it was given. */
export function readCertificateObservation(
  bytes: Uint8Array,
  chain: readonly Uint8Array[] = [],
): CertificateObservation {
  try {
    if (isPem(bytes)) {
      const [first, ...others] = parseCertificateBundle(bytes);
      if (first === undefined || others.length > 0) return { type: 'bundle', certificates: others.length + 1 };
      return describe(first, chain);
    }
    return describe(parseCertificate(bytes), chain);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.code === 'X509_CERTIFICATE_IS_ATTRIBUTE'
      ? describeAttribute(bytes)
      : { type: 'malformed', code: error.code };
  }
}

function describeAttribute(bytes: Uint8Array): CertificateObservation {
  try {
    const { serialHex, issuer } = parseAttributeCertificate(bytes);
    return { type: 'attribute-certificate', serial_hex: serialHex, issuer };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { type: 'malformed', code: error.code };
  }
}

/** A PEM file may begin with any length of comment. DER is told by its own first bytes: a SEQUENCE whose length has the long form. */
function isPem(bytes: Uint8Array): boolean {
  const isDer = bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;
  return !isDer && new TextDecoder('latin1').decode(bytes).includes('-----BEGIN ');
}

function describe(certificate: Certificate, chain: readonly Uint8Array[]): CertificateObservation {
  const { tpm } = certificate;
  return {
    type: 'certificate',
    serial_hex: certificate.serialHex,
    subject: certificate.subject,
    issuer: certificate.issuer,
    ca: certificate.basicConstraints?.ca ?? false,
    ...(tpm && { tpm_manufacturer: tpm.manufacturer, tpm_model: tpm.model, tpm_version: tpm.version }),
    chain_complete_to_root: reachesRoot(certificate, chain.flatMap(parseCandidate)),
    leniencies: certificate.leniencies,
  };
}

/** One certificate, or those of a PEM file. A candidate that cannot be read helps nobody. */
function parseCandidate(bytes: Uint8Array): readonly Certificate[] {
  try {
    return isPem(bytes) ? parseCertificateBundle(bytes) : [parseCertificate(bytes)];
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}

function reachesRoot(certificate: Certificate, candidates: readonly Certificate[], depth = 0): boolean {
  if (depth === maximumDepth) return false;
  const issuers = candidates.filter(
    (issuer) => mayHaveIssued(issuer, certificate) && isSignedBy(certificate, issuer.publicKey),
  );
  return issuers.some((issuer) => {
    if (issuer.subjectKey === issuer.issuerKey && isSignedBy(issuer, issuer.publicKey)) return true;
    return reachesRoot(
      issuer,
      candidates.filter((candidate) => candidate !== issuer),
      depth + 1,
    );
  });
}
