// Which entry of a signature database lets an image start: what EV_EFI_VARIABLE_AUTHORITY tells. [UEFI §32.5.3.3]
import { bytesEqual, printable } from '../encoding/index.ts';
import {
  encodeSignatureList,
  parseSignatureDatabase,
  type SignatureDatabase,
  type SignatureEntry,
} from '../event-log/index.ts';
import { authenticodeDigest } from './authenticode.ts';
import { readEntryCertificate } from './forbidden.ts';
import { hasIssued, readImageSignatures, type ImageSignature } from './image-signature.ts';
import type { PortableExecutable } from './parse-pe.ts';

/** The entry that admits `image`: signatures in their order, for each the certificates of the database in theirs, as EDK2
 * walks them; then the digest of the image. Undefined when none does. What dbx forbids: `requireAllowed`.
 * @throws MalformedError PREDICTION_SIGNATURE_INVALID */
export function findAuthority(image: PortableExecutable, database: SignatureDatabase): SignatureEntry | undefined {
  const digest = authenticodeDigest(image, 'sha256');
  for (const signature of readImageSignatures(image)) {
    const found = database.entries.find((entry) => leadsTo(signature, entry));
    if (found !== undefined) return found;
  }
  return database.entries.find(({ type, data }) => type === 'sha256' && bytesEqual(data, digest));
}

/** EFI_SIGNATURE_DATA: what is measured of an entry. */
export function encodeAuthority({ typeGuid, owner, data }: SignatureEntry): Uint8Array {
  const listHeader = 28;
  return encodeSignatureList({ typeGuid, owner, signatures: [data] }).subarray(listHeader);
}

/** Who signed, for messages. */
export function describeSigners(image: PortableExecutable): string {
  const names = readImageSignatures(image).map(({ path }) => path.at(-1)?.issuer ?? '');
  return names.length === 0 ? 'nobody: it is not signed' : printable(names.join('; '), 300);
}

export function parseDatabase(value: Uint8Array | undefined): SignatureDatabase {
  return parseSignatureDatabase(value ?? new Uint8Array());
}

function leadsTo({ path }: ImageSignature, entry: SignatureEntry): boolean {
  const anchor = entry.type === 'x509' ? readEntryCertificate(entry.data) : undefined;
  return anchor !== undefined && path.some((each) => bytesEqual(each.der, anchor.der) || hasIssued(anchor, each));
}
