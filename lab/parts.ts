// What every guest of a run is put together from.
import { fetchBusybox, fetchGrub, fetchKernel, fetchShim, type Kernel } from './guest-packages.ts';

export interface Parts {
  readonly busybox: string;
  readonly shim: string;
  readonly grub: string;
  readonly kernel: Kernel;
}

export async function fetchParts(): Promise<Parts> {
  const kernel = await fetchKernel('cloud');
  return { kernel, shim: await fetchShim(), grub: await fetchGrub(), busybox: await fetchBusybox() };
}
