// What differs between the distributions whose signed boot loaders and kernels the guests are made of.

export type KernelFlavour = 'usual' | 'other';

export interface Distribution {
  readonly name: string;
  /** Metapackages that depend on the newest kernel of their flavour. */
  readonly kernels: Readonly<Record<KernelFlavour, string>>;
  /** Package with the kernel's drivers, where they are not in the package of the image. */
  readonly modules?: (release: string) => string;
  /** Where the signed GRUB looks for grub.cfg on the EFI system partition. */
  readonly grubFolder: string;
}

/** Told apart by the kernels that apt offers, so that derived distributions count as what they are derived from. */
export const distributions: readonly Distribution[] = [
  {
    name: 'Debian',
    kernels: { usual: 'linux-image-cloud-amd64', other: 'linux-image-amd64' },
    grubFolder: '/EFI/debian',
  },
  {
    name: 'Ubuntu',
    kernels: { usual: 'linux-image-virtual', other: 'linux-image-lowlatency' },
    modules: (release) => `linux-modules-${release}`,
    grubFolder: '/EFI/ubuntu',
  },
];

/** @param packages names of all that apt offers */
export function chooseDistribution(packages: readonly string[]): Distribution | undefined {
  return distributions.find(({ kernels }) => packages.includes(kernels.usual));
}

/** Files of packages: the first that is there. Names differ by release as well. */
export const places = {
  shim: ['usr/lib/shim/shimx64.efi.signed', 'usr/lib/shim/shimx64.efi.signed.latest'],
  grub: ['usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'],
  busybox: ['bin/busybox', 'usr/bin/busybox'],
  modules: ['usr/lib/modules', 'lib/modules'],
} as const;
