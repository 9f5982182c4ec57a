// Versions, compared as conditions of a policy ask for it.
const maximumNumbers = 16;

/**
 * Whether `version` is `least` or later: their numbers are compared one after the other, whatever stands between them, as far as
 * `least` has any. `6.8.0-45-generic` is at least `6.8.0-40`.
 *
 * @throws TypeError where either has no number: then there is no answer, and no negation of one
 */
export function versionAtLeast(version: string, least: string): boolean {
  const [given, wanted] = [numbersOf(version), numbersOf(least)];
  if (given.length === 0 || wanted.length === 0) throw new TypeError('a version without a number');
  const place = wanted.findIndex((number, index) => number !== (given[index] ?? 0n));
  return place < 0 || (given[place] ?? 0n) > (wanted[place] ?? 0n);
}

function numbersOf(version: string): readonly bigint[] {
  return (version.slice(0, 256).match(/\d+/g) ?? []).slice(0, maximumNumbers).map(BigInt);
}
