// Deny lists in files: the list itself, or an envelope around it.
import { denyListIdOf, parseDenyEnvelope, parseDenyList, type DenyList } from '../core/deny/index.ts';
import { asRecord } from './json.ts';
import { readInput } from './files.ts';

export interface DenyFile {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly list: DenyList;
  /** Empty for a list without an envelope. */
  readonly signatures: readonly { readonly keyid?: string; readonly sig: Uint8Array }[];
}

/** @throws CliError CLI_FILE_*; MalformedError DENY_LIST_*, ENCODING_* */
export function readDenyFile(path: string): DenyFile {
  const bytes = readInput(path);
  if (!isEnvelope(bytes))
    return { id: denyListIdOf(bytes), payload: bytes, list: parseDenyList(bytes), signatures: [] };
  const { id, payload, untrustedList, signatures } = parseDenyEnvelope(bytes);
  const named = signatures.map(({ untrustedKeyid, sig }) =>
    untrustedKeyid === undefined ? { sig } : { keyid: untrustedKeyid, sig },
  );
  return { id, payload, list: untrustedList, signatures: named };
}

/** Only a hint which parser to ask: both parse strictly. */
function isEnvelope(bytes: Uint8Array): boolean {
  try {
    return 'payloadType' in (asRecord(JSON.parse(Buffer.from(bytes).toString('utf8'))) ?? {});
  } catch {
    return false;
  }
}
