// One claim of a set, read as one type or refused.
import { earError, type ClaimSet } from './claim-set.ts';
import type { EarClaim } from './ear-names.table.ts';

/** Whole seconds: EAR forbids fractions. */
export function readTime(claims: ClaimSet, claim: EarClaim): number {
  const value = claims.get(claim);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw earError(claims, claim, 'whole seconds since 1970 expected');
  }
  return value;
}

export function readText(claims: ClaimSet, claim: EarClaim): string {
  const value = claims.get(claim);
  if (typeof value !== 'string') throw earError(claims, claim, 'a text expected');
  return value;
}

/** A text, a list of texts, or nothing. */
export function readTexts(claims: ClaimSet, claim: EarClaim): readonly string[] {
  const value = claims.get(claim);
  if (value === undefined) return [];
  return (claims.list(claim) ?? [value]).map((text) => {
    if (typeof text !== 'string') throw earError(claims, claim, 'a text expected');
    return text;
  });
}

export function readOptional<T>(
  claims: ClaimSet,
  claim: EarClaim,
  read: (claims: ClaimSet, claim: EarClaim) => T,
): T | undefined {
  return claims.get(claim) === undefined ? undefined : read(claims, claim);
}

/** A member when there is a value, none otherwise: `undefined` is not stored. */
export function optional<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}
