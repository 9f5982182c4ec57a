// What an attestation and a question cost the store as the fleet grows: many hosts, of a thousand, in the same run.
import { measurePairs, type Effort, type Sample } from './measure.ts';
import { rowOf, type Row } from './row.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

const small = 1000;
/** Operations of one sample: enough that CPU time can be told. */
const operations = 200;

/** Minutes, where the fleet is large: it is enrolled first. */
export async function measureGrowth(sizes: readonly number[], effort: Effort): Promise<readonly Row[]> {
  const rows: Row[] = [];
  if (sizes.length === 0) return rows;
  const floor = await createStoreFixture(small);
  for (const size of sizes) {
    const product = await createStoreFixture(size);
    const of = `${size.toLocaleString('en')} hosts: of ${small.toLocaleString('en')}`;
    const pairs = async (make: (fixture: StoreFixture, hosts: number) => Sample) =>
      measurePairs({ floor: make(floor, small), product: make(product, size) }, effort);
    rows.push(rowOf({ name: `store: challenge and attestation at ${of}`, target: 2 }, await pairs(attesting)));
    rows.push(rowOf({ name: `store: host and verdict read at ${of}`, target: 2 }, await pairs(reading)));
    await product.close();
  }
  await floor.close();
  return rows;
}

/** Hosts all over the fleet, none twice in a sample. */
function hostsOf(size: number): readonly number[] {
  const step = Math.floor(size / operations);
  const first = Math.floor(Math.random() * step);
  return Array.from({ length: operations }, (_, index) => first + index * step);
}

function attesting(fixture: StoreFixture, size: number): Sample {
  return cpuOfEach(size, async (host) => {
    await fixture.challenge(host);
    await fixture.attest(host);
  });
}

function reading({ read }: StoreFixture, size: number): Sample {
  return cpuOfEach(size, read);
}

/** CPU microseconds of each, all threads: what writes is not the thread that asks. */
function cpuOfEach(size: number, work: (host: number) => Promise<void>): Sample {
  return async () => {
    const hosts = hostsOf(size);
    const before = process.cpuUsage();
    for (const host of hosts) await work(host);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / hosts.length;
  };
}
