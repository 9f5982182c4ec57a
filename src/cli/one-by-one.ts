// Several things that go to the server one after another: where one is refused, the answer says what became of the others.
import { printable } from '../core/encoding/index.ts';
import { toRefusal } from './refusal.ts';
import type { Refusal } from './report.ts';

const shownNames = 8;

export interface SentOneByOne<Answer> {
  /** Of those that the server took, in their order. */
  readonly items: readonly Answer[];
  /** Names of those behind the one that was refused. */
  readonly notSent: readonly string[];
  /** Of the first that was refused: nothing was sent after it. */
  readonly refusal: Refusal | undefined;
}

/** One thing alone is refused as it is: whatever `send` throws. */
export async function sendOneByOne<Thing extends { readonly name: string }, Answer>(
  things: readonly Thing[],
  send: (thing: Thing) => Promise<Answer>,
): Promise<SentOneByOne<Answer>> {
  const items: Answer[] = [];
  for (const [index, thing] of things.entries()) {
    try {
      items.push(await send(thing));
    } catch (cause) {
      if (things.length === 1) throw cause;
      const notSent = things.slice(index + 1).map(({ name }) => name);
      return { items, notSent, refusal: describe(toRefusal(cause).refusal, thing.name, { taken: index, notSent }) };
    }
  }
  return { items, notSent: [], refusal: undefined };
}

function describe(
  refusal: Refusal,
  name: string,
  { taken, notSent }: { readonly taken: number; readonly notSent: readonly string[] },
): Refusal {
  const before = taken === 0 ? 'none before it' : `${taken} before it ${taken === 1 ? 'was' : 'were'} taken`;
  const shown = notSent.slice(0, shownNames).map((each) => printable(each));
  const more = notSent.length > shown.length ? ` and ${notSent.length - shown.length} more` : '';
  const after = notSent.length === 0 ? '' : `; not sent: ${shown.join(', ')}${more}`;
  return { ...refusal, message: `${printable(name)}: ${refusal.message} (${before}${after})` };
}
