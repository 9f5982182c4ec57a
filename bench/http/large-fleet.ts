// A server that a whole fleet is registered with, beside one that knows a thousand hosts: what an answer and an attestation cost it,
// and the memory that it needs. Fleets are written by the store's own functions while no server runs; the servers are the product.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/server/storage/index.ts';
import { measurePairs, type Effort } from '../measure.ts';
import { rowOf, type Row } from '../row.ts';
import { bindFleet, forEachHost, nameOf } from '../store-fixture.ts';
import { sizeOfFolder } from '../../src/cli/folder-size.ts';
import { verdictOf } from './admission-rows.ts';
import { attestationOf } from './attestation-rows.ts';
import { ask, ofServer } from './bench.ts';
import { startChild } from './child.ts';
import { connect, type Connections } from './load.ts';
import type { ProductReady, ProductSettings } from './product-child.ts';
import { makeTlsFiles, type TlsFiles } from './tls.ts';
import { createTrustedWorld, type World } from './world.ts';

export interface LargeFleet {
  readonly rows: readonly Row[];
  readonly memory: FleetMemory;
}

export interface FleetMemory {
  readonly hosts: number;
  /** The most that the server had resident, having answered about hosts all over the fleet. */
  readonly peak_bytes: number;
  /** Of its data directory. */
  readonly data_bytes: number;
}

/** Hosts of the server that the large one is held against. It remembers few of them, so that both servers read what they answer. */
const few = 1000;
const remembersFew = { attestation: { rememberedHosts: 32 } };

/** Every host of the fleet has attested once. A million take a quarter of an hour on a machine that does nothing else. */
export async function measureLargeFleet(hosts: number, effort: Effort): Promise<LargeFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const tls = makeTlsFiles(folder);
  const small = await createFilledWorld(makeFolder(folder, 'small'), tls, few, remembersFew);
  const large = await createFilledWorld(makeFolder(folder, 'large'), tls, hosts, {});
  const [toSmall, toLarge] = [small, large].map(({ server, ca }) => connect(server.ready.url, ca)) as [
    Connections,
    Connections,
  ];
  try {
    const of = `${hosts.toLocaleString('en')} hosts: of ${few.toLocaleString('en')}`;
    const anyOf = (world: World, connections: Connections, count: number) => () =>
      ask(connections, verdictOf(world, nameOf(Math.floor(Math.random() * count))));
    const reading = await measurePairs(
      {
        floor: await ofServer(small.server, effort, anyOf(small, toSmall, few)),
        product: await ofServer(large.server, effort, anyOf(large, toLarge, hosts)),
      },
      effort,
    );
    const attesting = await measurePairs(
      {
        floor: await ofServer(small.server, effort, attestationOf(small, toSmall, 'held')),
        product: await ofServer(large.server, effort, attestationOf(large, toLarge, 'held')),
      },
      effort,
    );
    const memory = {
      hosts,
      peak_bytes: await large.server.ask('peak'),
      data_bytes: sizeOfFolder(join(folder, 'large')),
    };
    const rows = [
      rowOf({ name: `server: GET verdict of any host at ${of}`, target: 2 }, reading),
      rowOf({ name: `server: attestation, log unchanged, at ${of}`, target: 2 }, attesting),
    ];
    return { rows, memory };
  } finally {
    for (const connections of [toSmall, toLarge]) connections.close();
    for (const { server } of [small, large]) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A trusted world whose server was stopped, filled, and started again. */
async function createFilledWorld(folder: string, tls: TlsFiles, hosts: number, settings: object): Promise<World> {
  const world = await createTrustedWorld(folder, tls, settings);
  await world.server.stop();
  const dataDirectory = join(folder, 'data');
  const store = openSqliteStore(dataDirectory);
  const fleet = await bindFleet(store, hosts);
  await forEachHost(hosts, fleet.challenge);
  await forEachHost(hosts, fleet.attest);
  await store.close();
  const start: ProductSettings = { dataDirectory, ...tls, settings: { ...settings }, isInitialised: true };
  return { ...world, server: await startChild<ProductReady>('product-child', start) };
}

function makeFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}
