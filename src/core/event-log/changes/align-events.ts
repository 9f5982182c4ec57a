// The events of one register in two logs, side by side: what stayed, what came, what went.
import { equalInConstantTime } from '../../crypto/index.ts';
import type { BoundEvent } from '../replayed-log.ts';

export interface EventPair {
  readonly before: BoundEvent | undefined;
  readonly after: BoundEvent | undefined;
}

/** Above this many comparisons the middle is not aligned: all of it went, and all of it came. The input decides the sizes. */
const maximumComparisons = 4_000_000;

/** Pairs that differ, in order. An event with neighbours that stayed and another event of its type in its place is one pair. */
export function alignEvents(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly EventPair[] {
  let start = 0;
  while (start < before.length && start < after.length && isSame(before[start], after[start])) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && isSame(before.at(-1 - end), after.at(-1 - end)))
    end += 1;
  return alignMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
}

function isSame(left: BoundEvent | undefined, right: BoundEvent | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.digest.alg === right.digest.alg && equalInConstantTime(left.digest.value, right.digest.value);
}

function alignMiddle(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly EventPair[] {
  if (before.length * after.length > maximumComparisons) return unpaired(before, after);
  const lengths = commonLengths(before, after);
  const pairs: EventPair[] = [];
  const gap: { before: BoundEvent[]; after: BoundEvent[] } = { before: [], after: [] };
  const closeGap = (): void => {
    pairs.push(...pairGap(gap.before.splice(0), gap.after.splice(0)));
  };
  for (let left = 0, right = 0; left < before.length || right < after.length;) {
    const [old, fresh] = [before[left], after[right]];
    if (isSame(old, fresh)) {
      closeGap();
      left += 1;
      right += 1;
    } else if (
      fresh === undefined ||
      (old !== undefined && at(lengths, left + 1, right) >= at(lengths, left, right + 1))
    ) {
      if (old) gap.before.push(old);
      left += 1;
    } else {
      gap.after.push(fresh);
      right += 1;
    }
  }
  closeGap();
  return pairs;
}

/** Length of the longest common subsequence of the rests, by start positions. */
function commonLengths(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let left = before.length - 1; left >= 0; left -= 1) {
    for (let right = after.length - 1; right >= 0; right -= 1) {
      const longer = Math.max(at(lengths, left + 1, right), at(lengths, left, right + 1));
      const row = lengths[left];
      if (row) row[right] = isSame(before[left], after[right]) ? at(lengths, left + 1, right + 1) + 1 : longer;
    }
  }
  return lengths;
}

function at(lengths: readonly Uint32Array[], left: number, right: number): number {
  return lengths[left]?.[right] ?? 0;
}

function unpaired(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly EventPair[] {
  return [
    ...before.map((event) => ({ before: event, after: undefined })),
    ...after.map((event) => ({ before: undefined, after: event })),
  ];
}

/** What went and what came between two events that stayed: partners are of one type and of one name, where they have any. */
function pairGap(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly EventPair[] {
  const rest = [...after];
  const pairs = before.map((old): EventPair => {
    const exact = rest.findIndex((fresh) => nameOf(fresh) === nameOf(old) && fresh.untrustedType === old.untrustedType);
    const position = exact >= 0 ? exact : rest.findIndex((fresh) => isPartner(old, fresh));
    return { before: old, after: position < 0 ? undefined : rest.splice(position, 1)[0] };
  });
  return [...pairs, ...rest.map((fresh) => ({ before: undefined, after: fresh }))];
}

function isPartner(old: BoundEvent, fresh: BoundEvent): boolean {
  if (fresh.untrustedType !== old.untrustedType) return false;
  const isNamed = old.decoded?.kind === 'uefi-variable' || fresh.decoded?.kind === 'uefi-variable';
  return !isNamed && prefixOf(old) === prefixOf(fresh);
}

function prefixOf({ decoded }: BoundEvent): string {
  return decoded?.kind === 'ipl' ? (decoded.prefix ?? decoded.source) : '';
}

/** The name of what was measured, for events that have one. */
function nameOf({ decoded }: BoundEvent): string {
  if (decoded?.kind === 'uefi-variable') return `${decoded.guid} ${decoded.name}`;
  if (decoded?.kind === 'image') return decoded.devicePath;
  return decoded?.kind === 'ipl' && decoded.prefix === undefined ? decoded.text : '?';
}
