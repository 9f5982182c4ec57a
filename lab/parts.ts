// What every guest of a run is put together from.
import type { Distribution } from './distribution.ts';
import { fetchBusybox, fetchGrub, fetchKernel, fetchShim, findDistribution, type Kernel } from './guest-packages.ts';

export interface Parts {
  readonly distribution: Distribution;
  readonly busybox: string;
  readonly shim: string;
  readonly grub: string;
  readonly kernel: Kernel;
}

export async function fetchParts(): Promise<Parts> {
  const distribution = await findDistribution();
  const kernel = await fetchKernel(distribution, 'usual');
  return { distribution, kernel, shim: await fetchShim(), grub: await fetchGrub(), busybox: await fetchBusybox() };
}
