// Which of two versions is the later one. Each kind of package has an order of its own; a guess would deny the wrong hosts.
import { compareSemver } from './compare-semver.ts';

export type VersionOrder = 'deb' | 'rpm' | 'semver';

const maximumLength = 256;
const orders: Readonly<Record<VersionOrder, (left: string, right: string) => number | undefined>> = {
  deb: compareDebian,
  rpm: compareRpm,
  semver: compareSemver,
};

/** Negative, zero or positive; `undefined` when one of them is no version of that order. */
export function compareVersions(left: string, right: string, order: VersionOrder): number | undefined {
  return left.length > maximumLength || right.length > maximumLength ? undefined : orders[order](left, right);
}

interface PackageVersion {
  readonly epoch: bigint;
  readonly version: string;
  readonly release: string | undefined;
}

/** `epoch:version-release`: the last dash ends the version. */
function splitVersion(text: string): PackageVersion | undefined {
  const match = /^(?:(\d+):)?([A-Za-z0-9.+:~^_-]+)$/.exec(text);
  if (match === null) return undefined;
  const [, epoch = '0', rest = ''] = match;
  const dash = rest.lastIndexOf('-');
  const [version, release] = dash < 0 ? [rest, undefined] : [rest.slice(0, dash), rest.slice(dash + 1)];
  return version === '' || release === '' ? undefined : { epoch: BigInt(epoch), version, release };
}

/** [DEBIAN-POLICY §5.6.12] */
function compareDebian(left: string, right: string): number | undefined {
  const [first, second] = [splitVersion(left), splitVersion(right)];
  if (first === undefined || second === undefined || /[\^_]/.test(left + right)) return undefined;
  return (
    sign(first.epoch, second.epoch) ||
    compareAlternating(first.version, second.version) ||
    compareAlternating(first.release ?? '0', second.release ?? '0')
  );
}

/** A run without digits, then a run of digits, and so on: the first compared as text, the second as a number. */
function compareAlternating(left: string, right: string): number {
  const pattern = /(\D*)(\d*)/y;
  const split = (text: string, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  let [first, second] = [0, 0];
  while (first < left.length || second < right.length) {
    const [whole = '', text = '', digits = ''] = split(left, first) ?? [];
    const [otherWhole = '', otherText = '', otherDigits = ''] = split(right, second) ?? [];
    const difference = compareText(text, otherText) || sign(BigInt(digits || 0), BigInt(otherDigits || 0));
    if (difference !== 0) return difference;
    first += whole.length;
    second += otherWhole.length;
  }
  return 0;
}

/** In this order: `~`, the end, letters, all other characters. */
function compareText(left: string, right: string): number {
  const rank = (character: string | undefined): number => {
    if (character === undefined) return 0;
    if (character === '~') return -1;
    return character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256);
  };
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = rank(left[index]) - rank(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A version without a release stands for every release. [RPM-VERSION] */
function compareRpm(left: string, right: string): number | undefined {
  const [first, second] = [splitVersion(left), splitVersion(right)];
  if (first === undefined || second === undefined) return undefined;
  const isAnyRelease = first.release === undefined || second.release === undefined;
  return (
    sign(first.epoch, second.epoch) ||
    compareSegments(first.version, second.version) ||
    (isAnyRelease ? 0 : compareSegments(first.release, second.release))
  );
}

/** Runs of digits and of letters, separated by any other character. In this order: `~`, the end, `^`, letters, numbers. */
function compareSegments(left: string, right: string): number {
  const segment = /~|\^|\d+|[A-Za-z]+/g;
  const [first, second] = [left.match(segment) ?? [], right.match(segment) ?? []];
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const difference = compareSegment(first[index], second[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareSegment(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  const [rank, other] = [segmentRank(left), segmentRank(right)];
  if (rank !== other || left === undefined || right === undefined) return rank - other;
  if (rank === segmentRank('0')) return sign(BigInt(left), BigInt(right));
  return left < right ? -1 : 1;
}

function segmentRank(segment: string | undefined): number {
  if (segment === undefined) return 1;
  if (segment === '~') return 0;
  if (segment === '^') return 2;
  return /^\d/.test(segment) ? 4 : 3;
}

function sign(left: bigint, right: bigint): number {
  return left < right ? -1 : Number(left > right);
}
