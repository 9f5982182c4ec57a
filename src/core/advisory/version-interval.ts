// Ranges of versions, as intervals of one order.
import { compareVersions, type VersionOrder } from './compare-versions.ts';
import { decodePercent } from './package-url.ts';
import type { VersionInterval } from './advisory.ts';

type Bounds = Omit<VersionInterval, 'order'>;

const schemes: ReadonlyMap<string, VersionOrder> = new Map([
  ['deb', 'deb'],
  ['rpm', 'rpm'],
  ['semver', 'semver'],
]);

/** `undefined` when the two cannot be compared. */
export function isWithin(version: string, { order, from, to }: VersionInterval): boolean | undefined {
  const start = from === undefined ? 1 : compareVersions(version, from.version, order);
  const end = to === undefined ? -1 : compareVersions(version, to.version, order);
  if (start === undefined || end === undefined) return undefined;
  return (
    (start > 0 || (start === 0 && from?.isIncluded === true)) && (end < 0 || (end === 0 && to?.isIncluded === true))
  );
}

/** `vers:deb/>=1.0|<1.2`: one interval or one version. `undefined` for what is more, or in an order nobody here knows. [VERS] */
export function parseVersionRange(text: string): VersionInterval | undefined {
  const [, scheme = '', constraints = ''] = /^vers:([a-z0-9.-]+)\/(.+)$/.exec(text) ?? [];
  const order = schemes.get(scheme);
  if (order === undefined || text.length > 512) return undefined;
  if (constraints === '*') return { order };
  const bounds = constraints.split('|').map(readConstraint);
  const [first, second = {}, ...more] = bounds;
  if (first === undefined || bounds.includes(undefined) || more.length > 0) return undefined;
  const isInterval = bounds.length === 1 || (first.to === undefined && second.from === undefined);
  return isInterval ? { order, ...first, ...second } : undefined;
}

function readConstraint(text: string): Bounds | undefined {
  const [, comparator = '', encoded = ''] = /^(>=|<=|>|<|=|)([A-Za-z0-9.+:~^_%-]+)$/.exec(text.trim()) ?? [];
  const version = decodePercent(encoded);
  if (version === undefined || version === '') return undefined;
  const bound = { version, isIncluded: !/^[<>]$/.test(comparator) };
  if (comparator.startsWith('>')) return { from: bound };
  return comparator.startsWith('<') ? { to: bound } : { from: bound, to: bound };
}
