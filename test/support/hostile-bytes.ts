// What every parser must bear: arbitrary bytes, mutations of good ones, and input that ends anywhere.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../src/core/error.ts';

/** Passes when `act` returns or throws an AttestationError. */
export function outcomeOf(act: () => unknown): AttestationError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AttestationError) return error;
    throw error;
  }
}

/** Arbitrary bytes, and `good` with a few bytes changed, give a result or an AttestationError. */
export function assertNeverSurprised(parse: (bytes: Uint8Array) => unknown, ...good: readonly Uint8Array[]): void {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcomeOf(() => parse(bytes))));
  for (const sample of good) {
    const edit = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const bytes = Uint8Array.from(sample);
        for (const [index, value] of edits) bytes[index] = value;
        outcomeOf(() => parse(bytes));
      }),
    );
  }
}

/** Every proper prefix of `bytes` is refused. */
export function assertRefusesEveryTruncation(bytes: Uint8Array, parse: (bytes: Uint8Array) => unknown): void {
  parse(bytes);
  for (let length = 0; length < bytes.length; length += 1) {
    assert.ok(
      outcomeOf(() => parse(bytes.subarray(0, length))),
      `accepted ${length} of ${bytes.length} bytes`,
    );
  }
}
