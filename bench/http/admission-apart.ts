// A server whose admission has an address of its own, and a process: for what is measured of both kinds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { connect } from './load.ts';
import type { TlsFiles } from './tls.ts';
import { createTrustedWorld } from './world.ts';

/** Lets `work` have what `bench` has, over a world with admission in a process of its own, which real-time scheduling lets go before
 * the others, as `deploy/` sets it up. */
export async function withAdmissionApart<Result>(
  bench: Bench,
  tls: TlsFiles,
  work: (apart: Bench) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const world = await createTrustedWorld(folder, tls, { admission: { listen: { port: 0, realtime: true } } });
  const toProduct = connect(world.server.ready.url, world.ca);
  try {
    return await work({ ...bench, world, toProduct });
  } finally {
    toProduct.close();
    await world.server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
