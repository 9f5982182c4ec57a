// Two workers beside one, over the same PostgreSQL. Load and database want the same cores, so the wall time of a request says what is left
// of them, and the CPU time of the workers whether there is anything that two do and one does not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../test/support/postgres.ts';
import { measurePairs, type Effort, type Sample } from '../measure.ts';
import { rowOf, type Row } from '../row.ts';
import { verdictOf } from './admission-rows.ts';
import { ask } from './bench.ts';
import { startChild } from './child.ts';
import { connect, type Exchange } from './load.ts';
import type { ProductReady } from './product-child.ts';
import { makeTlsFiles } from './tls.ts';
import { createTrustedWorld } from './world.ts';
import { runWrk } from './wrk.ts';

/** Of a request, in microseconds. */
interface Cost {
  readonly wall: number;
  /** Of all workers. */
  readonly cpu: number;
}

interface Side {
  /** How many answers there were. */
  ask(): Promise<number>;
  readonly measure: Sample<Cost>;
  close(): void;
}

export async function measureWorkers(effort: Effort): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const tls = makeTlsFiles(folder);
  const settings = { storage: await createTestDatabase() };
  const world = await createTrustedWorld(folder, tls, settings, 1);
  const start = { dataDirectory: join(folder, 'data'), ...tls, isInitialised: true };
  const two = await startChild<ProductReady>('product-child', { ...start, settings: { ...settings, workers: 2 } });
  const { ca, fleet, server } = world;
  const { operatorToken } = server.ready;
  const asked = { ca, exchange: verdictOf(world, fleet[0]?.hostId ?? ''), seconds: Math.ceil(effort.sampleMs / 80) };
  const sideOf = (url: string) => createSide({ ...asked, url }, operatorToken);
  const [floor, product] = [sideOf(server.ready.url), sideOf(two.ready.url)];
  for (let answers = 0; answers < effort.warmExchanges * 2;) {
    answers += await floor.ask();
    // Each of them answers as many as one does.
    for (let worker = 0; worker < 2; worker += 1) await product.ask();
  }
  const pairs = await measurePairs({ floor: floor.measure, product: product.measure }, effort);
  const inTermsOf = (cost: keyof Cost) =>
    pairs.map((pair) => ({ floor: pair.floor[cost], product: pair.product[cost] }));
  for (const each of [floor, product]) each.close();
  for (const each of [server, two]) await each.stop();
  rmSync(folder, { recursive: true, force: true });
  return [
    rowOf({ name: 'GET verdict from two workers (wall time): of one', target: 0.67 }, inTermsOf('wall')),
    rowOf({ name: 'GET verdict from two workers (their CPU time): of one', target: 1.1 }, inTermsOf('cpu')),
  ];
}

interface Asked {
  readonly url: string;
  readonly ca: string;
  readonly exchange: Exchange;
  readonly seconds: number;
}

function createSide({ url, ca, exchange, seconds }: Asked, operatorToken: string): Side {
  const scraper = connect(url, ca);
  const headers = { authorization: `Bearer ${operatorToken}` };
  const cpuTime = async (): Promise<number> => {
    const { body } = await ask(scraper, { method: 'GET', path: '/metrics', headers });
    const ofEach = [...body.toString().matchAll(/^process_cpu_seconds_total(?:\{.*\})? (\S+)$/gm)];
    return ofEach.reduce((sum, [, seconds]) => sum + Number(seconds) * 1e6, 0);
  };
  const run = () => runWrk(url, exchange, seconds);
  return {
    ask: async () => (await run()).answers,
    measure: async () => {
      const before = await cpuTime();
      const { answers, microseconds } = await run();
      return { wall: microseconds / answers, cpu: ((await cpuTime()) - before) / answers };
    },
    close: () => scraper.close(),
  };
}
