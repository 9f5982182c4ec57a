// Break-glass statements in files: the statement itself, or an envelope around it.
import {
  breakGlassIdOf,
  parseBreakGlass,
  parseBreakGlassEnvelope,
  type BreakGlass,
} from '../core/break-glass/index.ts';
import { readInput } from './files.ts';
import { isEnvelope, type SignedFile } from './signed-file.ts';

export interface BreakGlassFile extends SignedFile {
  readonly statement: BreakGlass;
}

/** @throws CliError CLI_FILE_*; MalformedError BREAK_GLASS_*, ENCODING_* */
export function readBreakGlassFile(path: string): BreakGlassFile {
  const bytes = readInput(path);
  if (!isEnvelope(bytes)) {
    return { id: breakGlassIdOf(bytes), payload: bytes, statement: parseBreakGlass(bytes), signatures: [] };
  }
  const { id, payload, untrustedStatement, signatures } = parseBreakGlassEnvelope(bytes);
  const named = signatures.map(({ untrustedKeyid, sig }) =>
    untrustedKeyid === undefined ? { sig } : { keyid: untrustedKeyid, sig },
  );
  return { id, payload, statement: untrustedStatement, signatures: named };
}
