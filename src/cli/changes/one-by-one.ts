// Several things that go to the server one after another: where one is refused, or a signal ends it, the answer says what became of the others.
import { nameSome, printable } from '../../core/encoding/index.ts';
import { CliError } from '../errors.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal } from '../report.ts';

const shownNames = 8;

export interface SentOneByOne<Answer> {
  /** Of those that the server took, in their order. */
  readonly items: readonly Answer[];
  /** Names of those behind the one that was refused, or behind the signal. */
  readonly notSent: readonly string[];
  /** Of the first that was refused, or of the signal: nothing was sent after it. */
  readonly refusal: Refusal | undefined;
}

/** One thing alone is refused as it is: whatever `send` throws. What is under way when `signal` is aborted is waited for. */
export async function sendOneByOne<Thing extends { readonly name: string }, Answer>(
  things: readonly Thing[],
  send: (thing: Thing) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<SentOneByOne<Answer>> {
  const items: Answer[] = [];
  const namesFrom = (index: number): string[] => things.slice(index).map(({ name }) => name);
  for (const [index, thing] of things.entries()) {
    if (signal?.aborted === true) {
      const notSent = namesFrom(index);
      const { refusal } = toRefusal(new CliError('CLI_INTERRUPTED', 'ended by a signal'));
      return { items, notSent, refusal: describe(refusal, { taken: index, notSent }) };
    }
    try {
      items.push(await send(thing));
    } catch (cause) {
      if (things.length === 1) throw cause;
      const notSent = namesFrom(index + 1);
      const { refusal } = toRefusal(cause);
      const message = `${printable(thing.name)}: ${refusal.message}`;
      return { items, notSent, refusal: describe({ ...refusal, message }, { taken: index, notSent }) };
    }
  }
  return { items, notSent: [], refusal: undefined };
}

function describe(
  refusal: Refusal,
  { taken, notSent }: { readonly taken: number; readonly notSent: readonly string[] },
): Refusal {
  const before = taken === 0 ? 'none before it' : `${taken} before it ${taken === 1 ? 'was' : 'were'} taken`;
  const after = notSent.length === 0 ? '' : `; not sent: ${nameSome(notSent, shownNames)}`;
  return { ...refusal, message: `${refusal.message} (${before}${after})` };
}
