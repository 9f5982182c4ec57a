// How long an answer about a host takes at an address of admission's own while the fleet attests at the main one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import { measureStorm } from './admission-rows.ts';
import type { Bench } from './bench.ts';
import { connect } from './load.ts';
import type { TlsFiles } from './tls.ts';
import { createTrustedWorld } from './world.ts';

/** The storm, with admission in a process of its own. Load, probe, server and that process want four cores: what waiting for one costs, the
 * hello world has too. */
export async function measureStormApart(bench: Bench, tls: TlsFiles): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const world = await createTrustedWorld(folder, tls, { admission: { listen: { port: 0 } } });
  const toProduct = connect(world.server.ready.url, world.ca);
  try {
    return await measureStorm({ ...bench, folder, world, toProduct });
  } finally {
    toProduct.close();
    await world.server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
