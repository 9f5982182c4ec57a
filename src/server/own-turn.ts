// One heavy piece of work in each turn of the event loop, whoever has it to do: between two of them everybody at the door is looked at,
// so a question about a verdict waits for one piece and not for all. There is one event loop, and so there is one row of those who wait,
// and one answer to whether anybody asks. docs/decisions/0047
import type { Soon } from './soon.ts';

const waiting: (() => void)[] = [];

/** Runs `piece` in a turn of the event loop that no other piece has; first come, first served. What it throws is nobody's to catch. */
export function inOwnTurn(piece: () => void): void {
  if (waiting.push(piece) === 1) setImmediate(runNext);
}

/** Resolves in such a turn. */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => inOwnTurn(resolve));
}

/** To hash, join or decode so much takes about a millisecond. */
const longBytes = 1_048_576;

/** What `atOnce` makes of it; of a long one `inPieces`, while others have their turns. */
export function inTurns<Input extends { readonly length: number }, Result>(
  input: Input,
  atOnce: (input: Input) => Result,
  inPieces: (input: Input, pause: () => Promise<void>) => Promise<Result>,
): Soon<Result> {
  return input.length > longBytes ? inPieces(input, ownTurn) : atOnce(input);
}

function runNext(): void {
  const piece = waiting.shift();
  if (waiting.length > 0) setImmediate(runNext);
  piece?.();
}

/** Whoever asked where a workload may run asks again any moment, for so long. */
const questionedMs = 10_000;
let questionedAt = Number.NEGATIVE_INFINITY;

/** Somebody asks where a workload may run, and waits for nothing but this event loop. `at`: milliseconds, as `performance.now`. */
export function noteQuestion(at = performance.now()): void {
  questionedAt = at;
}

/** Whether the next such question may come any moment: then work is cut into small pieces, which costs an attestation a tenth to a quarter more. */
export function isQuestioned(at = performance.now()): boolean {
  return at - questionedAt < questionedMs;
}
