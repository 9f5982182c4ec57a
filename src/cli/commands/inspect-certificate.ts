// `touchstone inspect certificate`: what certificates say, platform certificates among them.
import { printable } from '../../core/encoding/index.ts';
import { hash, hashHex } from '../../core/crypto/index.ts';
import {
  isAttributeCertificate,
  parseAttributeCertificate,
  parseCertificate,
  parseCertificateBundle,
  type AttributeCertificate,
  type Certificate,
} from '../../core/x509/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseInput } from '../files.ts';
import { toJson } from '../json.ts';
import { formatPlatform } from '../views/platform-view.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

/** @throws CliError CLI_FILE_*; AttestationError X509_* */
export function inspectCertificate(file: string): Report {
  return parseInput(file, inspectBytes);
}

function inspectBytes(bytes: Uint8Array): Report {
  if (isAttributeCertificate(bytes)) return inspectPlatform(parseAttributeCertificate(bytes));
  const certificates = readCertificates(bytes);
  return {
    data: { certificates: certificates.map(describe) },
    lines: (paper) =>
      certificates.flatMap((certificate, index) => [...(index > 0 ? [''] : []), ...format(paper, certificate)]),
  };
}

function inspectPlatform(certificate: AttributeCertificate): Report {
  const { holder, issuer, serialHex, notBefore, notAfter, platform, extensions } = certificate;
  return {
    data: { platformCertificate: toJson({ holder, issuer, serialHex, notBefore, notAfter, platform, extensions }) },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['issuer', printable(issuer)],
        ['serial', serialHex],
        ['valid', `${formatDate(notBefore)} to ${formatDate(notAfter)}`],
        ['EK certificate', holder.certificate && `serial ${holder.certificate.serialHex}`],
      ]),
      ...formatPlatform(paper, 'a platform certificate; nothing of it is verified here', platform ?? {}),
    ],
  };
}

/** One certificate in any wrapping that an NV index gives it, or all of a bundle. */
export function readCertificates(bytes: Uint8Array): readonly Certificate[] {
  if (bytes[0] === 0x2d) return parseCertificateBundle(bytes);
  try {
    return [parseCertificate(bytes)];
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    try {
      return parseCertificateBundle(bytes);
    } catch {
      throw error;
    }
  }
}

function describe(certificate: Certificate): unknown {
  const { subject, issuer, serialHex, notBefore, notAfter, publicKey, tpm, leniencies } = certificate;
  return toJson({
    subject,
    issuer,
    serialHex,
    notBefore,
    notAfter,
    sha256: hash('sha256', certificate.der),
    key: publicKey && { type: publicKey.type, bits: publicKey.bits, curve: publicKey.curve },
    ca: certificate.basicConstraints?.ca ?? false,
    keyUsage: certificate.keyUsage,
    extendedKeyUsage: certificate.extendedKeyUsage,
    tpm,
    extensions: certificate.extensions.map(({ oid, critical }) => ({ oid, critical })),
    leniencies,
  });
}

function format(paper: Paper, certificate: Certificate): string[] {
  const { publicKey, tpm, basicConstraints } = certificate;
  const key =
    publicKey === undefined ? 'not supported' : `${publicKey.type} ${publicKey.curve ?? `${publicKey.bits} bits`}`;
  return formatFacts(paper, [
    ['subject', paper.tone('strong', printable(certificate.subject) || '(empty)')],
    ['issuer', printable(certificate.issuer)],
    ['serial', certificate.serialHex],
    ['valid', `${formatDate(certificate.notBefore)} to ${formatDate(certificate.notAfter)}`],
    ['key', key],
    [
      'use',
      basicConstraints?.ca === true
        ? 'certificate authority'
        : [...(certificate.keyUsage ?? [])].join(', ') || 'not stated',
    ],
    ['purposes', certificate.extendedKeyUsage?.map(purposeName).join(', ')],
    ['TPM', tpm && `${printable(tpm.manufacturer)}, model ${printable(tpm.model)}, version ${printable(tpm.version)}`],
    ['sha256', hashHex('sha256', certificate.der)],
    ...certificate.leniencies.map((leniency) => ['accepted in spite of', leniency] as const),
  ]);
}

const purposes: Readonly<Record<string, string>> = {
  '2.23.133.8.1': 'TPM endorsement key',
  '2.23.133.8.2': 'platform certificate',
  '2.23.133.8.3': 'attestation key',
  '1.3.6.1.5.5.7.3.1': 'TLS server',
  '1.3.6.1.5.5.7.3.2': 'TLS client',
};

function purposeName(oid: string): string {
  return purposes[oid] ?? oid;
}

export function formatDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 10);
}
