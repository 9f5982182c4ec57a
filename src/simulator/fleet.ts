// Many paper hosts at once, for load and for what-if: a handful of firmware and kernel builds spread over the fleet.
import type { SimulatorAuthority } from './authority.ts';
import type { PaperHost } from './paper-host.ts';

export interface FleetOptions {
  readonly seed: string;
  readonly size: number;
  readonly authority: SimulatorAuthority;
  /** How many firmware and kernel builds the fleet has: 1 each unless told. */
  readonly firmwareBuilds?: number;
  readonly kernelBuilds?: number;
}

/** Hosts are named `paper-0001`... The same options give the same fleet. Made one by one, as the caller asks for them. */
export function* createFleet(options: FleetOptions): Generator<PaperHost> {
  throw new TypeError(`not ready: ${options.size}`);
}
