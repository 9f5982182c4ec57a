// What a request waits for where PostgreSQL is far away: of as many trivial round trips on a connection like those of the store. Wall
// time: it passes on the way.
import pg from 'pg';
import { clientConfigOf } from '../src/server/storage/postgres/connection.ts';
import type { Store } from '../src/server/storage/index.ts';
import { createTestDatabase, postgresAt } from '../test/support/postgres.ts';
import { placeFarAway } from './far-database.ts';
import { measurePairs, type Effort, type Sample } from './measure.ts';
import { rowOf, type Row } from './row.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

const trivial = { name: 'trivial', text: 'SELECT $1::bigint AS one', values: [1] };
/** There, and as long back. Between two machines of one building it is less; then what the database does takes most of the time. */
const wayMs = 5;
/** More than are kept of a host: each attestation takes the place of another. */
const steady = 12;

export async function measurePostgres(effort: Effort): Promise<readonly Row[]> {
  const far = await placeFarAway(await createTestDatabase(), wayMs);
  const storage = postgresAt(far.url);
  const fixture = await createStoreFixture(1, storage, { rememberedHosts: 10_000, rememberedLogs: 256 });
  const client = new pg.Client(clientConfigOf(storage));
  await client.connect();
  const trip = () => client.query(trivial).then(() => undefined);
  const repeats = Math.max(1, Math.round(effort.sampleMs / 20));
  const nothing = () => Promise.resolve();
  const ask = () => fixture.challenge(0);
  const attest = () => visit(fixture);
  for (let count = 0; count < steady + effort.warmExchanges / 30; count += 1) {
    await ask();
    await attest();
    await attest();
    await readVerdict(fixture);
  }
  const sides = {
    reading: {
      floor: wallTime(repeats, nothing, trip),
      product: wallTime(repeats, nothing, () => readVerdict(fixture)),
    },
    attesting: { floor: wallTime(repeats, nothing, trip), product: wallTime(repeats, nothing, attest) },
    // Who asks for a challenge is not known by the one that came with the last answer, as who attested at another server.
    arriving: { floor: wallTime(repeats, nothing, () => trip().then(trip)), product: wallTime(repeats, ask, attest) },
  };
  const rows: Row[] = [];
  const measure = async (name: string, pair: { readonly floor: Sample; readonly product: Sample }): Promise<void> => {
    rows.push(rowOf({ name, target: 1.2 }, await measurePairs(pair, effort)));
  };
  await measure('GET verdict over a far PostgreSQL (wall time): of one trivial round trip', sides.reading);
  await measure('attestation over a far PostgreSQL (wall time): of one trivial round trip', sides.attesting);
  await measure('attestation of a host that was elsewhere (wall time): of two trivial round trips', sides.arriving);
  await client.end();
  await fixture.close();
  far.close();
  return rows;
}

/** What the answer to `GET verdict` asks the store. */
async function readVerdict({ store, hostId, tokenId }: StoreFixture): Promise<void> {
  const ahead = aheadOf(store, { purpose: 'verdict', hostId, tokenId });
  await ahead.store.findToken(tokenId);
  await ahead.store.findStanding(hostId);
}

/** What an attestation asks and writes. */
async function visit(fixture: StoreFixture): Promise<void> {
  const { store, hostId, tokenId } = fixture;
  const ahead = aheadOf(store, { purpose: 'attestation', hostId, tokenId });
  await ahead.store.findToken(tokenId);
  await ahead.findHost(hostId);
  await ahead.store.findChallenge(hostId, fixture.challengeId(0));
  await ahead.store.trustRevision();
  await ahead.store.findHost(hostId);
  await ahead.store.findVerdict(hostId);
  await fixture.visit(0, ahead.store);
}

function aheadOf(store: Store, request: Omit<Parameters<Store['readAhead']>[0], 'keepEvidence'>) {
  const ahead = store.readAhead({ ...request, keepEvidence: 10 });
  if (ahead === undefined) throw new TypeError('a store over PostgreSQL reads ahead');
  return ahead;
}

/** Microseconds of each. */
function wallTime(repeats: number, prepare: () => Promise<void>, work: () => Promise<void>): Sample {
  return async () => {
    let spent = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      await prepare();
      const start = performance.now();
      await work();
      spent += performance.now() - start;
    }
    return (spent * 1000) / repeats;
  };
}
