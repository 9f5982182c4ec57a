// Deny lists in files: the list itself, or an envelope around it.
import { denyListIdOf, parseDenyEnvelope, parseDenyList, type DenyList } from '../core/deny/index.ts';
import { isEnvelope } from './signed-file.ts';
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
