// Many paper hosts at once, for load and for what-if: a handful of firmware and kernel builds spread over the fleet.
import type { SimulatorAuthority } from './authority.ts';
import { ordinaryBoot, type PaperBoot } from './paper-boot.ts';
import { createPaperHost, type PaperHost } from './paper-host.ts';
import { seededInteger } from './seed.ts';

export interface FleetOptions {
  readonly seed: string;
  readonly size: number;
  readonly authority: SimulatorAuthority;
  /** What names begin with: `paper` unless told. */
  readonly prefix?: string;
  /** How many firmware and kernel builds the fleet has: 1 each unless told. */
  readonly firmwareBuilds?: number;
  readonly kernelBuilds?: number;
  /** Each host has a boot entry of its own in PCR 1, as real ones do: no two logs are the same then. */
  readonly ownBootEntries?: boolean;
  /** What the hosts boot, drawn for each of them: one of the builds, or a captured log. Builds alone unless told. */
  readonly boots?: readonly FleetBoot[];
  /** How often each host booted before: see `PaperHostOptions`. */
  readonly earlierBoots?: number;
}

export type FleetBoot = 'build' | Uint8Array;

/** Hosts are named `paper-0001`... The same options give the same fleet. Made one by one, as the caller asks for them. */
export function* createFleet(options: FleetOptions): Generator<PaperHost> {
  const { authority, boots = ['build'], earlierBoots = 0, prefix = 'paper', seed, size } = options;
  for (let number = 1; number <= size; number += 1) {
    const name = `${prefix}-${String(number).padStart(4, '0')}`;
    const drawn = boots[seededInteger(seed, `boot of ${name}`, boots.length)] ?? 'build';
    const boot = drawn === 'build' ? { boot: buildOf(options, name) } : { eventLog: drawn };
    yield createPaperHost({ name, authority, seed: `${seed} ${name}`, earlierBoots, ...boot });
  }
}

/** The builds that a host of the fleet runs: drawn from its name and the seed. */
function buildOf(
  { seed, firmwareBuilds = 1, kernelBuilds = 1, ownBootEntries }: FleetOptions,
  name: string,
): PaperBoot {
  const firmware = seededInteger(seed, `firmware of ${name}`, firmwareBuilds);
  const kernel = seededInteger(seed, `kernel of ${name}`, kernelBuilds);
  return {
    ...ordinaryBoot,
    firmware: `paper-firmware 1.${firmware}`,
    kernel: `linux 6.1.0-${56 + kernel}`,
    initrd: `initrd 6.1.0-${56 + kernel}`,
    ...(ownBootEntries === true ? { ownBootEntry: `PXE of ${name}` } : {}),
  };
}
