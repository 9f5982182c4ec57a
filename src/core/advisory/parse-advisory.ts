// The file of an advisory, JSON on the wire: strict, bounded, whole or not at all.
import { hashHex } from '../crypto/index.ts';
import { parseJsonStrict, Field } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import type { Advisory } from './advisory.ts';
import { readCsaf } from './parse-csaf.ts';
import { readOsv } from './parse-osv.ts';

/** The largest that distributions publish have some megabytes. */
const maximumBytes = 32 * 1024 * 1024;

/**
 * Proves nothing about who wrote it.
 *
 * @throws MalformedError ADVISORY_FORMAT_UNKNOWN, ADVISORY_INVALID, and those of JSON
 * @throws VerificationError ADVISORY_VERSION_UNKNOWN
 */
export function parseAdvisory(bytes: Uint8Array, format: Advisory['format']): Advisory {
  if (bytes.length > maximumBytes) {
    throw new MalformedError('ADVISORY_FORMAT_UNKNOWN', `an advisory of ${bytes.length} bytes is too long`);
  }
  const root = new Field(parseJsonStrict(bytes, { maxDepth: 64 }), '', 'ADVISORY_INVALID');
  const { document, id } = root.some('document', 'id');
  if (format === 'csaf' ? !document.isPresent : !id.isPresent) {
    throw new MalformedError('ADVISORY_FORMAT_UNKNOWN', `no ${format === 'csaf' ? 'CSAF document' : 'OSV record'}`);
  }
  const advisory = format === 'csaf' ? readCsaf(root) : readOsv(root);
  return { ...advisory, source: `${advisory.source}, sha256 ${hashHex('sha256', bytes)}` };
}
