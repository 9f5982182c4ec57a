// A kind of boot with its good guest: enrolled, its layers approved by two operators, and trusted.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WireVerdict } from '../src/api/index.ts';
import { cli } from '../test/cli/cli-run.ts';
import type { Boot } from './boot.ts';
import type { Guest } from './guest.ts';
import type { Setup } from './machine.ts';
import type { Layer, Site } from './site.ts';

export interface Platform {
  readonly guest: Guest;
  /** How the good guest is set up. */
  readonly setup: Setup;
  /** Before anybody had approved anything. */
  readonly before: WireVerdict;
  /** Of the same boot, once it was approved. */
  readonly after: WireVerdict;
}

/** The firmware's own layers and what ran cannot be computed from artefacts: they are captured from the good guest. */
const captured: readonly Layer[] = ['firmware', 'secure-boot', 'runtime'];

/** Boots the guest for the first time. What the boot is made of was approved before, by prediction. */
export async function establish(site: Site, guest: Guest, setup: Setup, boot: Boot): Promise<Platform> {
  await site.approve(await predict(join(boot.folder, 'predicted'), boot.artefacts));
  return guest.during(setup, async (running) => {
    await running.enrol();
    const before = await running.attest();
    await site.approve(await site.capture(guest.name, captured));
    const after = await running.attest();
    return { guest, setup, before, after };
  });
}

/** Statements of what the artefacts will measure to, by the operators' own command. */
async function predict(folder: string, artefacts: readonly string[]): Promise<readonly Uint8Array[]> {
  mkdirSync(folder);
  const { status, stderr } = await cli(['golden', 'predict', '--out', folder, ...artefacts], { now: () => new Date() });
  assert.equal(status, 0, stderr);
  return readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
}
