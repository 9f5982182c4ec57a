// What the rows about HTTP share: a floor and the product, each a server of its own, and how the CPU time of one is sampled.
import type { Effort, Sample } from '../measure.ts';
import type { ServerChild } from './child.ts';
import { drive, type Answer, type Connections, type Exchange } from './load.ts';
import type { World } from './world.ts';

export interface Bench {
  readonly effort: Effort;
  readonly world: World;
  readonly floor: ServerChild<{ readonly url: string }>;
  readonly toFloor: Connections;
  readonly toProduct: Connections;
}

export async function ask(connections: Connections, exchange: Exchange): Promise<Answer> {
  const answer = await connections.exchange(exchange);
  const { status, body } = answer;
  if (status >= 300) throw new TypeError(`${exchange.method} ${exchange.path} answered ${status}: ${body.toString()}`);
  return answer;
}

/** CPU time of a server for each `work`. */
export async function ofServer(
  server: ServerChild<unknown>,
  { sampleMs, warmExchanges }: Effort,
  work: (lane: number) => Promise<unknown>,
): Promise<Sample> {
  await drive(warmExchanges, work);
  const measure = async (count: number): Promise<number> => {
    const before = await server.cpu();
    await drive(count, work);
    return (await server.cpu()) - before;
  };
  let count = 16;
  while ((await measure(count)) < sampleMs * 1000) count *= 2;
  // The other side had the caches meanwhile.
  return async () => {
    await drive(Math.ceil(count / 8), work);
    return (await measure(count)) / count;
  };
}

export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
