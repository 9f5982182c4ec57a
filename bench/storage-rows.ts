// What durability costs. Wall time, not CPU time: what a commit waits for is the disk.
import { measurePairs, type Effort, type Sample } from './measure.ts';
import { rowOf, type Row } from './row.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

/** Attestations that arrive together. */
const together = 64;

export async function measureStorage(effort: Effort): Promise<readonly Row[]> {
  // What the configuration ships with.
  const fixture = await createStoreFixture(together, 'sqlite', { rememberedHosts: 10_000, rememberedLogs: 256 });
  const hosts = Array.from({ length: together }, (_, host) => host);
  const repeats = Math.max(1, Math.round(effort.sampleMs / 80));
  const name = 'group commit of 64 attestations (wall time): of a transaction each';
  const sides = {
    floor: wallTime(fixture, repeats, async () => {
      for (const host of hosts) await fixture.attest(host);
    }),
    product: wallTime(fixture, repeats, async () => {
      await Promise.all(hosts.map((host) => fixture.attest(host)));
    }),
  };
  // As everywhere: code that has not run often is slow.
  const warm = Math.ceil(effort.warmExchanges / (together * repeats));
  for (let count = 0; count < warm; count += 1) {
    await sides.floor();
    await sides.product();
  }
  const row = rowOf({ name, target: 0.2 }, await measurePairs(sides, effort));
  await fixture.close();
  return [row];
}

/** Microseconds of wall time for each attestation. */
function wallTime(fixture: StoreFixture, repeats: number, work: () => Promise<void>): Sample {
  return async () => {
    let spent = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (let host = 0; host < together; host += 1) await fixture.challenge(host);
      const start = performance.now();
      await work();
      spent += performance.now() - start;
    }
    return (spent * 1000) / (repeats * together);
  };
}
