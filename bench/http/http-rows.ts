// What a request costs the server: its CPU time, over HTTPS on kept connections, durable, with signed tokens.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effort } from '../measure.ts';
import type { Row } from '../row.ts';
import { withAdmissionApart } from './admission-apart.ts';
import { measureBatch, measureStorms, measureVerdict } from './admission-rows.ts';
import { measureAttestation } from './attestation-rows.ts';
import type { Bench } from './bench.ts';
import type { FloorSettings } from './floor-child.ts';
import { startChild } from './child.ts';
import { connect } from './load.ts';
import { makeTlsFiles } from './tls.ts';
import { createTrustedWorld } from './world.ts';

export async function measureHttp(effort: Effort): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const tls = makeTlsFiles(folder);
  const floor = await startChild<{ readonly url: string }>('floor-child', { ...tls, folder } satisfies FloorSettings);
  try {
    const world = await createTrustedWorld(folder, tls);
    const bench: Bench = {
      effort,
      world,
      floor,
      toFloor: connect(floor.ready.url, readFileSync(tls.certFile, 'utf8')),
      toProduct: connect(world.server.ready.url, world.ca),
    };
    try {
      return [
        await measureVerdict(bench),
        await measureBatch(bench),
        await measureAttestation(bench, 'sent'),
        await measureAttestation(bench, 'held'),
        ...(await withAdmissionApart(bench, tls, (apart) => measureStorms([bench, apart]))),
      ];
    } finally {
      bench.toFloor.close();
      bench.toProduct.close();
      await world.server.stop();
    }
  } finally {
    await floor.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
