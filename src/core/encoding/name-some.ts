// A list of names in a sentence, however long it is.
import { printable } from './printable.ts';

/** Names in a sentence: `most` of them, and how many more there are. `count`: of all, where only some names are known. */
export function nameSome(names: readonly string[], most: number, count = names.length): string {
  const shown = names.slice(0, most).map((name) => printable(name));
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
