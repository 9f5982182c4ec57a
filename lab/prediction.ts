// What a boot will measure to, computed from what it is made of before anything has booted it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '../test/cli/cli-run.ts';
import type { Boot } from './boot.ts';
import type { Site } from './site.ts';

/** Statements of what the artefacts will measure to, by the operators' own command. Once for each boot. */
export async function predict({ folder, artefacts }: Boot): Promise<readonly Uint8Array[]> {
  const out = join(folder, 'predicted');
  mkdirSync(out);
  const { status, stderr } = await cli(['golden', 'predict', '--out', out, ...artefacts], { now: () => new Date() });
  assert.equal(status, 0, stderr);
  return readdirSync(out).map((name) => new Uint8Array(readFileSync(join(out, name))));
}

/** Holds a prediction to the boot that a refused host has just measured: with nothing but the predicted statements added,
 * the server would trust that host, so that each predicted layer equals the measured one. Nothing is approved. */
export async function expectPredicted(site: Site, host: string, boot: Boot): Promise<void> {
  const gained = await site.wouldGain(await predict(boot));
  assert.deepEqual(gained, [host], `what ${host} measured is not what was predicted`);
}
