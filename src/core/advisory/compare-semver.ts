// Semantic versions. [SEMVER §11]
const semver = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** `undefined` when one of them is none. */
export function compareSemver(left: string, right: string): number | undefined {
  const [first, second] = [semver.exec(left), semver.exec(right)];
  if (first === null || second === null) return undefined;
  for (const part of [1, 2, 3]) {
    const difference = compareNumbers(first[part] ?? '', second[part] ?? '');
    if (difference !== 0) return difference;
  }
  return comparePreRelease(first[4], second[4]);
}

/** None is later than any: 1.0.0-rc.1 comes before 1.0.0. */
function comparePreRelease(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const [first, second] = [left.split('.'), right.split('.')];
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const difference = compareIdentifiers(first[index], second[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOtherNumber) return compareNumbers(left, right);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}

function compareNumbers(left: string, right: string): number {
  const [first, second] = [BigInt(left), BigInt(right)];
  return first < second ? -1 : Number(first > second);
}
