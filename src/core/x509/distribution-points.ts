// Where a revocation list is published, as certificates and lists name it. An authority may split its list by these names, and then one part
// says nothing of the certificates that name another. [RFC5280 §4.2.1.13, §5.2.5]
import { encodeHex } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { ElementReader, tags } from './asn1.ts';
import type { CertificateExtension } from './certificate.ts';
import { extensionOids } from './oids.table.ts';

const fullName = 0xa0;
const distributionPoint = 0xa0;

/** The names in `point` (the contents of a DistributionPointName), each as the hexadecimal form of its GeneralName. None where it is a
 * name relative to the issuer: such a name is compared with nothing. */
export function readPointNames(point: ElementReader): readonly string[] {
  const names = point.nextTag === fullName ? point.enter(fullName, 'full name') : undefined;
  const found: string[] = [];
  while (names?.done === false) found.push(encodeHex(names.any('general name').bytes));
  return found;
}

/** Names of every distribution point of a certificate, as `readPointNames` spells them. None where it has no such extension, or one that
 * cannot be read: then no part of a list is known to be about it. */
export function pointNamesOf(extensions: readonly CertificateExtension[]): readonly string[] {
  const value = extensions.find(({ oid }) => oid === extensionOids.crlDistributionPoints)?.value;
  if (value === undefined) return [];
  try {
    return readPoints(new ElementReader(value, 'X509_EXTENSION_MALFORMED'));
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

function readPoints(reader: ElementReader): readonly string[] {
  const points = reader.enter(tags.sequence, 'distribution points');
  const found: string[] = [];
  while (!points.done) {
    const fields = points.enter(tags.sequence, 'distribution point');
    if (fields.nextTag === distributionPoint) {
      found.push(...readPointNames(fields.enter(distributionPoint, 'distribution point name')));
    }
  }
  return found;
}
