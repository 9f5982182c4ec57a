// A list of names in a sentence, however long it is.
import { printable } from './printable.ts';

/** The first `most` of `names`, printable, and how many more there are: `a, b and 3 more`. `count` is how many there are altogether,
 * where `names` has only some of them. */
export function nameSome(names: readonly string[], most: number, count = names.length): string {
  const shown = names.slice(0, most).map((name) => printable(name));
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
