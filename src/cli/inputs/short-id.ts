// Ids as people type them: whole, or their beginning, as git takes the names of its objects. The API knows whole ids only, so
// what is audited is never in doubt.
import { nameSome, printable } from '../../core/encoding/index.ts';
import { CliError, misuse } from '../errors.ts';

/** A kind of things with hexadecimal ids. */
export interface IdKind {
  /** As it begins a sentence: `golden measurement`. */
  readonly what: string;
  /** What ids begin with: `sha256:`, or nothing. It may be left out. */
  readonly scheme: 'sha256:' | '';
  /** What lists them all. */
  readonly listing: string;
  /** The ids that there are. Asked only where the id is not whole. */
  readonly list: () => Promise<readonly string[]>;
}

const goldenList = '`touchstone golden list`';
const wholeDigits = 64;
const leastDigits = 8;
const shownDigits = 16;
const shownMatches = 5;

/** The beginning of an id, as it is printed where the whole would crowd a line; `readId` takes it for the whole. */
export function shortId(id: string): string {
  const scheme = id.startsWith('sha256:') ? 'sha256:' : '';
  return printable(id).slice(0, scheme.length + shownDigits);
}

/** The one whole id that was meant.
 * @throws CliError CLI_USAGE_INVALID, CLI_ID_UNKNOWN, CLI_ID_AMBIGUOUS */
export async function readId(typed: string, kind: IdKind): Promise<string> {
  const digits = digitsOf(typed, kind);
  if (digits.length === wholeDigits) return `${kind.scheme}${digits}`;
  const beginning = `${kind.scheme}${digits}`;
  const found = (await kind.list()).filter((id) => id.startsWith(beginning));
  const [only] = found;
  if (only === undefined) {
    throw new CliError('CLI_ID_UNKNOWN', `no ${kind.what} begins with ${beginning}: see \`${kind.listing}\``);
  }
  if (found.length === 1) return only;
  throw new CliError('CLI_ID_AMBIGUOUS', `${beginning} is the beginning of several: ${nameSome(found, shownMatches)}`);
}

export async function readIds(typed: readonly string[], kind: IdKind): Promise<readonly string[]> {
  // One after the other: what is wrong is said of the first.
  const ids: string[] = [];
  for (const each of typed) ids.push(await readId(each, kind));
  return ids;
}

/** Lower-case digits without scheme and without the ellipsis that shortened ids are printed with. */
function digitsOf(typed: string, { what, scheme }: IdKind): string {
  const text = typed.toLowerCase().replace(/(?:…|\.\.\.)$/, '');
  const digits = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text;
  if (/^[0-9a-f]*$/.test(digits) && digits.length >= leastDigits && digits.length <= wholeDigits) return digits;
  const example = `${scheme}${'4f1d'.repeat(2)}`;
  throw misuse(
    `${typed === '' ? 'an empty text' : printable(typed, 200)} is no id of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}: ${scheme === '' ? '' : `${scheme} and `}${wholeDigits} hexadecimal digits, or the first ${leastDigits} or more of them, such as ${example}`,
  );
}

/** An id where no server can be asked: it has to be whole.
 * @throws CliError CLI_USAGE_INVALID */
export function requireWholeGoldenId(typed: string, option: string): void {
  if (/^sha256:[0-9a-f]{64}$/.test(typed)) return;
  throw misuse(
    `${option}: ${printable(typed, 200)} is no whole id of a golden measurement: sha256: and ${wholeDigits} hexadecimal digits. This command asks no server, so a beginning does not do: ${goldenList} shows ids whole`,
  );
}
