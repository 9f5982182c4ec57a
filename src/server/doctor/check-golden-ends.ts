// What the doctor says of golden measurements that end, and of the hosts that are refused because some have.
import { counted, encodeHex } from '../../core/encoding/index.ts';
import { expectationDigest, parseGoldenStatement } from '../../core/golden/index.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import { ownTurn } from '../own-turn.ts';
import type { ActiveGolden } from './check-goldens.ts';
import type { Check } from './check.ts';
import type { Standing, Store } from '../storage/index.ts';

/** Goldens end quietly: the day after, the hosts that rest on them are denied. */
export async function checkGoldenEnds(
  store: Pick<Store, 'listHosts' | 'countResting' | 'findGolden'>,
  goldens: readonly ActiveGolden[],
): Promise<Check> {
  const soon = goldens.filter((golden) => golden.endsSoon).length;
  const ended = goldens.filter(({ hasEnded }) => hasEnded);
  const missed = await withoutStandIn(store, ended, goldens);
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
async function withoutStandIn(
  store: Pick<Store, 'findGolden'>,
  ended: readonly ActiveGolden[],
  all: readonly ActiveGolden[],
): Promise<readonly ActiveGolden[]> {
  const layers = new Set(ended.map(({ layer }) => layer));
  const accepted = new Set<string | undefined>();
  for (const { id, layer, isApproved, isValid } of all)
    if (isApproved && isValid && layers.has(layer)) accepted.add(await readExpectation(store, id));
  const missed: ActiveGolden[] = [];
  for (const golden of ended) if (!accepted.has(await readExpectation(store, golden.id))) missed.push(golden);
  return missed;
}

/** Statements are large: each is read once more, and not kept. */
async function readExpectation(store: Pick<Store, 'findGolden'>, id: string): Promise<string | undefined> {
  await ownTurn();
  const { payload } = (await store.findGolden(id)) ?? {};
  return payload && encodeHex(expectationDigest(parseGoldenStatement(payload)));
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
  missed: readonly ActiveGolden[],
): Promise<Affected> {
  if (missed.length === 0) return { refused: 0, resting: 0, isPart: false };
  const layers = new Set(missed.map(({ layer }) => layer));
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

function describeMissed(missed: readonly ActiveGolden[], { refused, resting, isPart }: Affected): string {
  const layers = [...new Set(missed.map(({ layer }) => layer))].join(', ');
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
