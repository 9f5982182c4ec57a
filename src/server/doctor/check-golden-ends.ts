// What the doctor says of golden measurements that end, and of the hosts that are refused because some have.
import { counted, encodeHex } from '../../core/encoding/index.ts';
import { endsSoon, expectationDigest, isValidAt, type GoldenStatement } from '../../core/golden/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import type { GoldenView } from '../golden/approve.ts';
import type { Check } from './check.ts';
import type { Standing, Store } from '../storage/index.ts';

/** `goldens`: those that are stored as active. */
interface Question {
  readonly goldens: readonly GoldenView[];
  readonly now: Date;
}

interface Dated {
  readonly id: string;
  readonly statement: GoldenStatement;
  readonly isApproved: boolean;
}

/** Goldens end quietly: the day after, the hosts that rest on them are denied. */
export async function checkGoldenEnds(
  store: Pick<Store, 'listHosts' | 'countResting'>,
  { goldenQuorum }: Pick<ServerConfig, 'goldenQuorum'>,
  { goldens, now }: Question,
): Promise<Check> {
  const dated = goldens.flatMap(({ record: { id }, statement, signatures }): Dated[] => {
    const isApproved = signatures.length >= goldenQuorum;
    return statement === undefined ? [] : [{ id, statement, isApproved }];
  });
  const soon = dated.filter(({ statement }) => endsSoon(statement, now)).length;
  const ended = dated.filter(({ statement: { notAfter } }) => notAfter !== undefined && notAfter <= now);
  const missed = withoutStandIn(ended, dated, now);
  const hosts = await findRefused(store, missed);
  const isMissed = hosts.refused + hosts.resting > 0;
  const parts = [
    ...(isMissed ? [describeMissed(missed, hosts)] : []),
    ...(soon > 0 ? [`${counted(soon, 'golden measurement')} to end within two weeks`] : []),
  ];
  return {
    name: 'golden-ends',
    ok: parts.length === 0,
    severity: 'warning',
    message: parts.join('; ') || `none ends within two weeks (${ended.length} ended, and no host is refused for that)`,
    remedy: isMissed
      ? 'Sign their layers again with a later end, or have the hosts boot what is in force: `touchstone golden list --state expired`, `touchstone golden draft --not-after DATE`, `touchstone what-if --at now`.'
      : 'Sign their layers again with a later end: `touchstone golden list`, `touchstone golden draft --not-after DATE`.',
  };
}

/** What they expect is accepted by nothing else in force. */
function withoutStandIn(ended: readonly Dated[], all: readonly Dated[], now: Date): readonly Dated[] {
  if (ended.length === 0) return [];
  const expected = ({ statement }: Dated): string => encodeHex(expectationDigest(statement));
  const standing = all.filter(({ statement, isApproved }) => isApproved && isValidAt(statement, now));
  const accepted = new Set(standing.map(expected));
  return ended.filter((golden) => !accepted.has(expected(golden)));
}

interface Affected {
  /** Their last verdict refuses them in a layer of which something ended. */
  readonly refused: number;
  /** Their last verdict rests on what ended: the next one will refuse them. */
  readonly resting: number;
  /** Not all hosts were looked at. */
  readonly isPart: boolean;
}

/** A server that starts looks at no more. */
const mostHosts = 20_000;

async function findRefused(
  store: Pick<Store, 'listHosts' | 'countResting'>,
  missed: readonly Dated[],
): Promise<Affected> {
  if (missed.length === 0) return { refused: 0, resting: 0, isPart: false };
  const layers = new Set<string>(missed.map(({ statement }) => statement.layer));
  const resting = await Promise.all(missed.map(({ id }) => store.countResting(id)));
  let [seen, refused] = [0, 0];
  for await (const listed of readHosts({ store })) {
    if (seen === mostHosts) break;
    seen += 1;
    if (isRefusedIn(layers, listed)) refused += 1;
  }
  return { refused, resting: Math.max(...resting), isPart: seen === mostHosts };
}

function isRefusedIn(layers: ReadonlySet<string>, { host, verdict: record }: Standing): boolean {
  if (host.state !== 'active' || record === undefined || record.epoch !== host.epoch) return false;
  return record.verdict.findings.some(
    ({ severity, check, layer }) =>
      severity === 'error' && (check === 'layers' || check === 'runtime') && layer !== undefined && layers.has(layer),
  );
}

function describeMissed(missed: readonly Dated[], { refused, resting, isPart }: Affected): string {
  const layers = [...new Set(missed.map(({ statement }) => statement.layer))].join(', ');
  const has = missed.length === 1 ? 'has' : 'have';
  const lines = [
    ...(refused > 0
      ? [`${isPart ? 'at least ' : ''}${counted(refused, 'host')} ${refused === 1 ? 'is' : 'are'} refused there`]
      : []),
    ...(resting > 0
      ? [`${counted(resting, 'host')} will be ${refused > 0 ? '' : 'refused '}at the next attestation`]
      : []),
  ];
  const count = counted(missed.length, 'golden measurement');
  return `${count} ${has} ended and nothing stands in (${layers}): ${lines.join(', ')}`;
}
