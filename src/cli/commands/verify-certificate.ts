// `touchstone verify certificate`: a certificate up to a trust anchor, at a date.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { counted, printable } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  parseCrl,
  parseTrustAnchors,
  verifyCertificatePath,
  type AnchorScope,
  type CertificateProfile,
  type TrustAnchor,
} from '../../core/x509/index.ts';
import { systemReason } from '../../files/index.ts';
import { CliError } from '../errors.ts';
import { parseInput } from '../files.ts';
import { toJson } from '../json.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';
import { formatDate, readCertificates } from './inspect-certificate.ts';

export interface VerifyCertificateOptions {
  readonly anchors: string;
  readonly at: Date;
  readonly intermediates?: string;
  readonly crls?: string;
  readonly profile: CertificateProfile;
  readonly scope: AnchorScope;
}

/** @throws CliError CLI_FILE_*; AttestationError X509_* */
export function verifyCertificateFile(file: string, options: VerifyCertificateOptions): Report {
  const [leaf, ...rest] = parseInput(file, readCertificates);
  if (leaf === undefined) throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no certificate`);
  const { intermediates } = options;
  const trusted = verifyCertificatePath({
    leaf,
    intermediates: [...rest, ...(intermediates === undefined ? [] : readEach(intermediates, readCertificates))],
    anchors: readAnchors(options.anchors, options.scope),
    at: options.at,
    profile: options.profile,
    crls: options.crls === undefined ? [] : listFiles(options.crls).map((path) => parseInput(path, parseCrl)),
  });
  const path = [...trusted.path, trusted.anchor.certificate];
  return {
    data: {
      subject: leaf.subject,
      anchor: trusted.anchor.name,
      path: path.map(({ subject }) => subject),
      tpm: leaf.tpm ?? null,
      leniencies: toJson(trusted.leniencies),
      unchecked: trusted.unchecked,
    },
    lines: (paper) =>
      formatFacts(paper, [
        ['verdict', paper.tone('good', 'trusted')],
        ['certificate', printable(leaf.subject) || '(empty subject)'],
        ['TPM', leaf.tpm && `${printable(leaf.tpm.manufacturer)}, model ${printable(leaf.tpm.model)}`],
        ...path.slice(1).map((issuer) => ['issued by', printable(issuer.subject)] as const),
        ['anchor', printable(trusted.anchor.name)],
        ['at', formatDate(options.at)],
        ...trusted.leniencies.map(
          (leniency) => ['accepted in spite of', `${leniency.id} (${printable(leniency.certificate)})`] as const,
        ),
        [
          'revocation',
          trusted.unchecked.length === 0
            ? 'checked'
            : `not checked for ${counted(trusted.unchecked.length, 'certificate')}`,
        ],
      ]),
  };
}

/** Anchors of a file, or of every certificate file below a folder. Files of a folder that are no CA certificates are passed over. */
export function readAnchors(path: string, scope: AnchorScope): readonly TrustAnchor[] {
  return readEach(path, (bytes, file) => parseTrustAnchors(bytes, file, scope));
}

/** What each file holds. One that is none of its kind is passed over where there are others. */
function readEach<Item>(path: string, parse: (bytes: Uint8Array, file: string) => readonly Item[]): readonly Item[] {
  const files = listFiles(path);
  return files.flatMap((file) => {
    try {
      return parseInput(file, (bytes) => parse(bytes, file));
    } catch (error) {
      if (files.length === 1 || !(error instanceof AttestationError)) throw error;
      return [];
    }
  });
}

const certificateName = /\.(pem|crt|cer|der|p7b|p7c|crl)$/i;

function listFiles(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => certificateName.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    const message = `${printable(path)} cannot be read (${systemReason(cause)})`;
    throw new CliError('CLI_FILE_UNREADABLE', message, { cause, misuse: true });
  }
}
