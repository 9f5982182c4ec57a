// Parts of the sentences about changes: verbs, counts and lists.
import { printable } from '../../encoding/index.ts';
import type { EventPair } from './align-events.ts';
import type { BootChange } from './boot-change.ts';

export type ChangeWords = Pick<BootChange, 'kind' | 'gained' | 'lost' | 'sentence'>;

const shownItems = 8;

export function words(
  kind: ChangeWords['kind'],
  sentence: string,
  gained: readonly string[] = [],
  lost: readonly string[] = [],
): ChangeWords {
  const isName = /^db[xtr]?\b/.test(sentence);
  return { kind, sentence: isName ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1), gained, lost };
}

export function verb({ before, after }: EventPair): string {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'replaced';
}

/** `gained ... and lost ...`, or nothing. */
export function gainedAndLost(gained: readonly string[], lost: readonly string[]): string {
  return [listOf('gained', gained), listOf('lost', lost)].filter((part) => part !== '').join(', ');
}

function listOf(word: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const shown = items.slice(0, shownItems).map((item) => `\`${printable(item, 100)}\``);
  return `${word} ${shown.join(' ')}${items.length > shownItems ? ` and ${items.length - shownItems} more` : ''}`;
}

/** The items of one list that another lacks, counting repetitions. */
export function itemsBeyond(items: readonly string[], others: readonly string[]): readonly string[] {
  const rest = new Map<string, number>();
  for (const item of others) rest.set(item, (rest.get(item) ?? 0) + 1);
  return items.filter((item) => {
    const left = rest.get(item) ?? 0;
    if (left > 0) rest.set(item, left - 1);
    return left === 0;
  });
}
