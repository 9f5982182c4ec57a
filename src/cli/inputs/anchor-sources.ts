// Where roots come from: files, folders and cabinets. A file that was named must be good; of a folder or a cabinet the roots are
// taken, and what is passed over is told.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import type { Certificate } from '../../core/x509/index.ts';
import { systemReason } from '../../files/index.ts';
import { isCabinet, readCabinet } from './cabinet.ts';
import { readCertificates } from '../commands/inspect-certificate.ts';
import { CliError } from '../errors.ts';
import { parseInput, readInput } from '../files.ts';

export interface FoundAnchor {
  readonly source: string;
  readonly certificate: Certificate;
}

export interface AnchorSources {
  readonly found: readonly FoundAnchor[];
  readonly passedOver: readonly { readonly source: string; readonly reason: string }[];
}

interface Source {
  readonly source: string;
  readonly read: () => Uint8Array;
}

const endings = /\.(?:pem|crt|cer|der|p7b|p7c)$/i;
const maximumFiles = 4096;

/** The certificates of `paths`, each once. Of folders and cabinets: roots, and authorities below them only `withIntermediates`.
 * @throws CliError CLI_FILE_*, CLI_CABINET_*; MalformedError X509_* of a file that was named */
export function readAnchorSources(
  paths: readonly string[],
  { withIntermediates }: { readonly withIntermediates: boolean },
): AnchorSources {
  const found = new Map<string, FoundAnchor>();
  const passedOver: AnchorSources['passedOver'][number][] = [];
  const keep = (source: string, certificates: readonly Certificate[]) =>
    certificates.forEach((certificate) => found.set(encodeHex(certificate.der), { source, certificate }));
  for (const path of paths) {
    const inside = contentsOf(path);
    if (inside === undefined) {
      keep(path, parseInput(path, readCertificates));
      continue;
    }
    for (const { source, read } of inside) {
      try {
        const certificates = readCertificates(read());
        const wanted = certificates.filter(
          (certificate) => isAuthority(certificate) && (withIntermediates || isRoot(certificate)),
        );
        keep(source, wanted);
        if (wanted.length === 0) passedOver.push({ source, reason: 'no root' });
      } catch (error) {
        if (!(error instanceof AttestationError)) throw error;
        passedOver.push({ source, reason: error.code });
      }
    }
  }
  return { found: [...found.values()], passedOver };
}

const isAuthority = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;
const isRoot = ({ subjectKey, issuerKey }: Certificate): boolean => subjectKey === issuerKey;

/** What a folder or a cabinet holds; undefined of a file. */
function contentsOf(path: string): readonly Source[] | undefined {
  if (path !== '-' && isFolder(path)) {
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => endings.test(name));
    if (names.length > maximumFiles) throw new CliError('CLI_FILE_TOO_LARGE', `${names.length} files in one folder`);
    return names.toSorted().map((name) => ({ source: name, read: () => readInput(join(path, name)) }));
  }
  if (!/\.cab$/i.test(path)) return undefined;
  const bytes = readInput(path);
  if (!isCabinet(bytes))
    throw new CliError('CLI_CABINET_MALFORMED', `${printable(path)} does not begin as a cabinet does`);
  return readCabinet(bytes)
    .filter(({ untrustedName }) => endings.test(untrustedName))
    .map((file) => ({ source: file.untrustedName, read: () => file.bytes }));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new CliError('CLI_FILE_UNREADABLE', `${path} cannot be read (${systemReason(cause)})`, {
      cause,
      misuse: true,
    });
  }
}
