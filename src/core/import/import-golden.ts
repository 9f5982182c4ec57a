// The door for reference values of others: any known format -> golden statements in our own form, as drafts. Nothing is
// trusted by it: operators sign the drafts, or do not. A file is imported whole, or refused whole.
import { hash, type VerificationKey } from '../crypto/index.ts';
import { printable } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { importCorim, parseCorim, verifyCorim } from '../corim/index.ts';
import type { GoldenStatement } from '../golden/index.ts';
import { parseSignedData, verifySignedData, type SignerTrust } from '../x509/index.ts';
import { openInTotoEnvelope } from './dsse.ts';
import { importerVersions, recogniseFormat, type ImportFormat } from './format.ts';
import { readInToto } from './in-toto.ts';
import { openSigstoreBundle } from './sigstore.ts';
import { importRim } from './tcg-rim.ts';
import { withoutList } from './without-list.ts';

export interface GoldenToImport {
  readonly document: Uint8Array;
  /** Files that the document names by digest: the event log of a TCG RIM. */
  readonly support?: readonly Uint8Array[];
  /** Refused if the bytes are of another. */
  readonly format?: ImportFormat;
  readonly at: Date;
}

export interface GoldenImport {
  readonly format: ImportFormat;
  readonly importer: number;
  /** Undefined when nobody's signature was asked for. */
  readonly signer: string | undefined;
  /** SHA-256 of the document. */
  readonly sha256: Uint8Array;
  readonly statements: readonly GoldenStatement[];
  /** What the file holds and no statement says, in words. */
  readonly leftOut: readonly string[];
  /** What could have been verified of the file and was not, in words. */
  readonly unchecked: readonly string[];
}

/** What a reader of one format gives. */
export interface ImportedContent {
  readonly statements: readonly GoldenStatement[];
  readonly signer: string | undefined;
  readonly leftOut?: readonly string[];
  readonly unchecked?: readonly string[];
}

/**
 * The drafts that a file amounts to, each with its provenance. With `trust` the file must be signed by who is named there;
 * without, it is read as it is, and its provenance says that nobody signed.
 *
 * @throws MalformedError IMPORT_*, CORIM_*, GOLDEN_*, X509_*, RIM_*, EVENT_LOG_*, ENCODING_*
 * @throws VerificationError IMPORT_*, CORIM_*, X509_*, RIM_*
 */
export function importGolden(input: GoldenToImport, trust: Omit<SignerTrust, 'at'> | undefined): GoldenImport {
  const { document, at } = input;
  const format = recogniseFormat(document);
  if (input.format !== undefined && input.format !== format) {
    throw new MalformedError('IMPORT_FORMAT_OTHER', `the file is ${format}, not ${input.format}`);
  }
  if (format !== 'tcg-rim' && (input.support ?? []).length > 0) {
    throw new VerificationError('IMPORT_SUPPORT_UNUSED', `${format} names no support files`);
  }
  const signers = trust && { ...trust, at };
  const { statements, signer, leftOut = [], unchecked = [] } = readers[format](input, signers);
  const sha256 = hash('sha256', document);
  const importer = importerVersions[format];
  const origin = { format, importer, ...(signer === undefined ? {} : { signer: printable(signer, 512) }), sha256 };
  const provenance = { source: 'imported', at, import: origin } as const;
  // The provenance of the import replaces one that the maker's own statement may have.
  const drafts = statements.map((statement) => ({ ...statement, provenance }));
  return { format, importer, signer, sha256, statements: drafts, leftOut, unchecked };
}

type Reader = (input: GoldenToImport, trust: SignerTrust | undefined) => ImportedContent;

const readers: Readonly<Record<ImportFormat, Reader>> = {
  corim: ({ document, at }, trust) => readCorim(document, at, trust && keysOf(trust)),
  'tcg-rim': ({ document, support }, trust) => importRim(document, support ?? [], trust),
  'in-toto': ({ document }, trust) => {
    if (trust !== undefined)
      throw new VerificationError('IMPORT_UNSIGNED', 'a bare in-toto statement has no signature');
    return { statements: [readInToto(document)], signer: undefined };
  },
  dsse: ({ document }, trust) => {
    const { payload, signers } = openInTotoEnvelope(document, trust && keysOf(trust));
    return { statements: [readInToto(payload)], signer: nameOf(signers) };
  },
  sigstore: ({ document }, trust) => {
    const { payload, signers, witnesses } = openSigstoreBundle(document, trust && keysOf(trust));
    const unchecked = witnesses === 0 ? [] : [`${witnesses} log entries or timestamps in the bundle`];
    return { statements: [readInToto(payload)], signer: nameOf(signers), unchecked };
  },
  cms: readCms,
};

function readCorim(document: Uint8Array, at: Date, keys: readonly VerificationKey[] | undefined): ImportedContent {
  const corim = parseCorim(document);
  const signer = keys && verifyCorim(corim, { keys, at }).kid;
  const { statements, leftOut } = importCorim(corim, at);
  return { statements, signer, leftOut: leftOut.map((pcr) => `PCR ${pcr}: no layer is in it`) };
}

/** The content of CMS must be unsigned itself: of two signatures around one document nobody could say whose counts. */
function readCms({ document, at }: GoldenToImport, trust: SignerTrust | undefined): ImportedContent {
  const claimed = parseSignedData(document);
  const { content, signer } =
    trust === undefined ? { content: claimed.content, signer: undefined } : verifySignedData(claimed, trust);
  return { ...readSigned(content, at), signer: signer?.name, unchecked: withoutList(signer) };
}

function readSigned(content: Uint8Array, at: Date): ImportedContent {
  switch (recogniseFormat(content)) {
    case 'in-toto':
      return { statements: [readInToto(content)], signer: undefined };
    case 'corim':
      if (parseCorim(content).signed === undefined) return readCorim(content, at, undefined);
      break;
    default:
      break;
  }
  throw new MalformedError('IMPORT_FORMAT_OTHER', 'CMS may hold an in-toto statement or an unsigned CoRIM only');
}

/** The named keys, for formats that carry no certificates: an authority alone proves nothing there.
 * @throws VerificationError IMPORT_SIGNATURE_INVALID */
function keysOf({ keys }: SignerTrust): readonly VerificationKey[] {
  if (keys.length > 0) return keys;
  throw new VerificationError(
    'IMPORT_SIGNATURE_INVALID',
    'this format shows no certificate: name the key of its maker',
  );
}

function nameOf(signers: readonly string[]): string | undefined {
  return signers.length === 0 ? undefined : signers.join(', ');
}
