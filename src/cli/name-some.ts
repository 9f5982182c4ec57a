// Names in a sentence: a few of them, and how many more there are.
import { printable } from '../core/encoding/index.ts';

/** `count`: of all, where the server names some of them only. */
export function nameSome(names: readonly string[], most: number, count = names.length): string {
  const shown = names.slice(0, most).map((name) => printable(name));
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
