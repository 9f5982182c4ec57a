// One input against everything that is demanded of a reader of hostile bytes.
import { inspect, isDeepStrictEqual } from 'node:util';
import { AttestationError } from '../../src/core/error.ts';
import { errorCodes } from '../../src/core/error-codes.ts';
import { bytesEqual } from '../../src/core/encoding/index.ts';
import { materialise } from './materialise.ts';
import type { FindingKind, FuzzTarget } from './target.ts';

/** What a reader may take: a second of time; memory of a small multiple of the input, beside what any call takes. */
export const allowance = { ms: 1000, bytes: 8 * 1024 * 1024, bytesPerByte: 128 };

export interface Examination {
  readonly accepted: boolean;
  readonly finding?: { readonly kind: FindingKind; readonly detail: string };
}

interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly ms: number;
  readonly bytes: number;
}

/** `thorough`: reads twice, and compares. */
export async function examine({ run }: FuzzTarget, input: Uint8Array, thorough: boolean): Promise<Examination> {
  const given = Uint8Array.from(input);
  const first = await attempt(run, given);
  const accepted = first.error === undefined;
  const found = (kind: FindingKind, detail: string): Examination => ({ accepted, finding: { kind, detail } });
  if (!accepted && !isTyped(first.error)) return found('untyped-error', describe(first.error));
  if (!bytesEqual(given, input)) return found('input-changed', 'the input is not what it was');
  // A busy machine and the collector of garbage disturb one measurement, not the least of three.
  if (first.ms > allowance.ms) {
    const ms = await least(first, run, input, (outcome) => outcome.ms);
    if (ms > allowance.ms) return found('slow', `${Math.round(ms)} ms for ${input.length} bytes`);
  }
  const allowed = allowance.bytes + allowance.bytesPerByte * input.length;
  if (first.bytes > allowed) {
    const bytes = await least(first, run, input, (outcome) => outcome.bytes);
    if (bytes > allowed) return found('growth', `${bytes} bytes allocated for ${input.length} bytes`);
  }
  if (thorough && !isSame(first, await attempt(run, Uint8Array.from(input)))) {
    return found('unstable', 'a second reading gave another result');
  }
  return { accepted };
}

async function attempt(run: FuzzTarget['run'], input: Uint8Array): Promise<Outcome> {
  const [before, start] = [memory(), performance.now()];
  try {
    const returned = run(input);
    const result = materialise(returned instanceof Promise ? await returned : returned);
    return { result, ms: performance.now() - start, bytes: memory() - before };
  } catch (error) {
    return { error: error ?? 'undefined', ms: performance.now() - start, bytes: memory() - before };
  }
}

async function least(
  first: Outcome,
  run: FuzzTarget['run'],
  input: Uint8Array,
  measure: (outcome: Outcome) => number,
): Promise<number> {
  const again = [await attempt(run, Uint8Array.from(input)), await attempt(run, Uint8Array.from(input))];
  return Math.min(measure(first), ...again.map(measure));
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function isTyped(error: unknown): boolean {
  return error instanceof AttestationError && Object.hasOwn(errorCodes, error.code);
}

function isSame(one: Outcome, other: Outcome): boolean {
  return isDeepStrictEqual(imageOf(one), imageOf(other));
}

function imageOf({ result, error }: Outcome): unknown {
  return error instanceof AttestationError ? [error.code, error.message, error.at] : result;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}
