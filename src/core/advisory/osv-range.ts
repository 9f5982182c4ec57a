// `ranges` of an OSV record: events on a line of versions, read as intervals. [OSV]
import type { Field } from '../encoding/index.ts';
import type { VersionInterval } from './advisory.ts';
import { compareVersions, type VersionOrder } from './compare-versions.ts';

const eventKinds = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

interface RangeEvent {
  readonly kind: (typeof eventKinds)[number];
  readonly version: string;
}

/** The intervals of a range, or in words why it cannot be read. `ecosystemOrder` is the order of the package's versions. */
export function readOsvRange(
  field: Field,
  ecosystemOrder: VersionOrder | undefined,
): readonly VersionInterval[] | string {
  const { type, events } = field.object('type', 'repo', 'events', 'database_specific');
  const kind = type.oneOf(['ECOSYSTEM', 'SEMVER', 'GIT']);
  const read = events.array(10_000).map(readEvent);
  if (!read.some((event) => event.kind === 'introduced')) events.fail('an event "introduced"', 'has none');
  if (kind === 'GIT') return 'a range of commits';
  const order = kind === 'SEMVER' ? 'semver' : ecosystemOrder;
  if (order === undefined) return 'a range of versions whose order is not known';
  if (read.some((event) => event.kind === 'limit' && event.version !== '*')) return 'a range with a limit';
  return intervalsOf(read, order) ?? `a range of texts that are no ${order} versions`;
}

function readEvent(field: Field): RangeEvent {
  const [event, ...more] = Object.entries(field.object(...eventKinds)).filter(([, member]) => member.isPresent);
  if (event === undefined || more.length > 0) return field.fail('exactly one event', 'has another number');
  return { kind: event[0] as RangeEvent['kind'], version: event[1].text(256) };
}

/** `undefined` when one is no version. Of two events at one version, the one that ends comes first. */
function intervalsOf(events: readonly RangeEvent[], order: VersionOrder): readonly VersionInterval[] | undefined {
  const line = events.filter(({ kind }) => kind !== 'limit');
  const isVersion = ({ version }: RangeEvent): boolean =>
    version === '0' || compareVersions(version, version, order) === 0;
  if (!line.every(isVersion)) return undefined;
  const place = (left: RangeEvent, right: RangeEvent): number => {
    if (left.version === '0' || right.version === '0')
      return Number(left.version !== '0') - Number(right.version !== '0');
    return compareVersions(left.version, right.version, order) ?? 0;
  };
  const sorted = [...line].sort(
    (left, right) => place(left, right) || Number(left.kind === 'introduced') - Number(right.kind === 'introduced'),
  );
  const intervals: VersionInterval[] = [];
  let open: VersionInterval | undefined;
  for (const { kind, version } of sorted) {
    if (kind === 'introduced') open ??= version === '0' ? { order } : { order, from: { version, isIncluded: true } };
    else if (open !== undefined) {
      intervals.push({ ...open, to: { version, isIncluded: kind === 'last_affected' } });
      open = undefined;
    }
  }
  return open === undefined ? intervals : [...intervals, open];
}
