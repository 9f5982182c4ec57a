// Asks one thing again and again from a process of its own, so that its waiting is for the server and not for the load.
import { connect, type Connections, type Exchange } from './load.ts';
import { readSettings, serveParent } from './child.ts';

/** A server, and what it is asked. */
export interface Asked {
  readonly url: string;
  readonly ca: string;
  readonly exchange: Exchange;
}

export interface ProbeSettings {
  readonly product: Asked;
  readonly bare: Asked;
  /** How often it asks for one number. */
  readonly count: number;
}

export type ProbeReady = Readonly<Record<string, never>>;

const { product, bare, count } = readSettings() as ProbeSettings;
const toProduct = connect(product.url, product.ca);
const toBare = connect(bare.url, bare.ca);

/** Microseconds that 99 of 100 answers do not exceed. */
async function p99(connections: Connections, exchange: Exchange): Promise<number> {
  const times: number[] = [];
  for (let asked = 0; asked < count; asked += 1) {
    const start = performance.now();
    const { status } = await connections.exchange(exchange);
    times.push((performance.now() - start) * 1000);
    if (status !== 200) throw new TypeError(`the probe was answered ${status}`);
  }
  return times.sort((left, right) => left - right)[Math.ceil(count * 0.99) - 1] ?? 0;
}

const close = (): Promise<void> => {
  toProduct.close();
  toBare.close();
  return Promise.resolve();
};
serveParent({} satisfies ProbeReady, close, {
  product: () => p99(toProduct, product.exchange),
  bare: () => p99(toBare, bare.exchange),
});
