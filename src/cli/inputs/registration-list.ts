// A list of TPMs as operators keep it: `DIGEST,LABEL[,HOST]` a line, `#` begins a remark.
import { printable } from '../../core/encoding/index.ts';
import { CliError } from '../errors.ts';

export interface Registration {
  /** SHA-256 of the EK's SubjectPublicKeyInfo, hexadecimal. */
  readonly ekDigest: string;
  readonly label: string;
  readonly hostId: string | undefined;
}

const maximumEntries = 100_000;
const linePattern = /^([0-9a-f]{64}),([^,]{1,255})(?:,([^,]{1,253}))?$/i;

/** Reads the whole list before anything is sent: a list with a mistake registers nothing.
 * @throws CliError CLI_INPUT_UNRECOGNISED, with the number of the line */
export function readRegistrationList(text: string, file: string): readonly Registration[] {
  const found: Registration[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const [, digest, label, host] = linePattern.exec(content) ?? [];
    if (digest === undefined || label === undefined) throw refuse(file, index, 'is not `DIGEST,LABEL[,HOST]`');
    if (found.length >= maximumEntries)
      throw refuse(file, index, `is beyond the ${maximumEntries} entries of one list`);
    found.push({ ekDigest: digest.toLowerCase(), label: label.trim(), hostId: host?.trim() });
  }
  if (found.length === 0)
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} has no entry`, { misuse: true });
  return found;
}

function refuse(file: string, index: number, what: string): CliError {
  return new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)}: line ${index + 1} ${what}`, { misuse: true });
}
