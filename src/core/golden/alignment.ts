// Two event lists laid side by side: how far they agree, and in what way they part. By PCR, digest and order alone:
// descriptions and types decide nothing.
import { bytesEqual, encodeHex } from '../encoding/index.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import type { BoundEvent } from '../event-log/index.ts';
import type { ExpectedEvent } from './statement.ts';

export interface Alignment {
  /** Events that agree from the start. */
  readonly prefix: number;
  /** Events both lists hold, in any order. */
  readonly common: number;
  readonly kind: 'equal' | 'event-replaced' | 'event-extra' | 'event-missing' | 'events-reordered';
}

/** The same events in the same order. */
export function areEqual(expected: readonly ExpectedEvent[], observed: readonly BoundEvent[]): boolean {
  return expected.length === observed.length && prefixOf(expected, observed) === expected.length;
}

/** Of one PCR. */
export function alignEvents(expected: readonly ExpectedEvent[], observed: readonly BoundEvent[]): Alignment {
  const prefix = prefixOf(expected, observed);
  if (prefix === expected.length && prefix === observed.length) return { prefix, common: prefix, kind: 'equal' };
  const common = prefix + countCommon(expected.slice(prefix), observed.slice(prefix));
  return { prefix, common, kind: kindOf(expected.length, observed.length, common) };
}

function prefixOf(expected: readonly ExpectedEvent[], observed: readonly BoundEvent[]): number {
  let prefix = 0;
  for (const event of observed) {
    const want = expected[prefix];
    if (want === undefined || !isSameEvent(want, event)) break;
    prefix += 1;
  }
  return prefix;
}

/** Same PCR, and same value in the bank of the log. These digests are public: no secret is compared. */
function isSameEvent(expected: ExpectedEvent, observed: BoundEvent): boolean {
  const value = expected.pcr === observed.pcr ? expected.digests.get(observed.digest.alg) : undefined;
  return value !== undefined && bytesEqual(value, observed.digest.value);
}

function kindOf(expected: number, observed: number, common: number): Exclude<Alignment['kind'], 'equal'> {
  if (common === expected && common === observed) return 'events-reordered';
  if (common === expected) return 'event-extra';
  return common === observed ? 'event-missing' : 'event-replaced';
}

function countCommon(expected: readonly ExpectedEvent[], observed: readonly BoundEvent[]): number {
  const bank = observed[0]?.digest.alg;
  if (bank === undefined) return 0;
  const counts = new Map<string, number>();
  for (const event of expected) {
    const key = keyOf(event, bank);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let common = 0;
  for (const event of observed) {
    const key = encodeHex(event.digest.value);
    const left = counts.get(key) ?? 0;
    if (left === 0) continue;
    counts.set(key, left - 1);
    common += 1;
  }
  return common;
}

function keyOf(event: ExpectedEvent, bank: HashAlgorithm): string {
  const value = event.digests.get(bank);
  return value === undefined ? '' : encodeHex(value);
}
