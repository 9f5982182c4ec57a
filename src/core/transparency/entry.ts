// Entries of the audit log as everybody sees them, and the hash that each has in the log.
import { hash } from '../crypto/index.ts';
import { canonicalJson, type JsonObject } from '../encoding/index.ts';

/** SHA-256 of the canonical JSON of an entry, without its own hash; the hash of the entry before is in it. */
export function hashEntry(entry: JsonObject): Uint8Array {
  return hash('sha256', canonicalJson(entry));
}
