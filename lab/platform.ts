// A kind of boot with its good guest: enrolled, its layers approved by two operators, and trusted.
import type { WireVerdict } from '../src/api/index.ts';
import { bootLayers } from '../src/core/event-log/index.ts';
import type { Boot } from './boot.ts';
import type { Guest } from './guest.ts';
import type { Setup } from './machine.ts';
import { predict } from './prediction.ts';
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
const neverPredicted: readonly Layer[] = ['firmware', 'secure-boot', 'runtime'];

/** Boots the guest for the first time. With Secure Boot, what the boot is made of was approved before, by prediction;
 * without, nothing can be predicted yet, and everything is captured. */
export async function establish(site: Site, guest: Guest, setup: Setup, boot: Boot): Promise<Platform> {
  const predictable = setup.keys !== 'none';
  if (predictable) await site.approve(await predict(boot));
  return guest.during(setup, async (running) => {
    await running.enrol();
    const before = await running.attest();
    const open = before.findings.flatMap(({ layer }) => layer ?? []);
    const mayBeCaptured = predictable ? neverPredicted : [...bootLayers, 'runtime' as const];
    await site.approve(
      await site.capture(
        guest.name,
        mayBeCaptured.filter((layer) => open.includes(layer)),
      ),
    );
    const after = await running.attest();
    return { guest, setup, before, after };
  });
}
