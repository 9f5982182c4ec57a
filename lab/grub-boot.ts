// shim, GRUB and a kernel, all signed by the distribution, on an EFI system partition.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Boot } from './boot.ts';
import { commandLine } from './command-line.ts';
import { makeEfiDisk } from './disks.ts';
import type { Kernel } from './guest-packages.ts';
import { buildInitrd, type InitrdFile } from './initrd.ts';
import type { Parts } from './parts.ts';

/** What differs from the good boot. */
export interface GrubVariant {
  /** More words on the kernel command line. */
  readonly words?: readonly string[];
  readonly moreInInitrd?: readonly InitrdFile[];
  readonly kernel?: Kernel;
  /** `linux` hides the boot log from the kernel when Secure Boot is off; see docs/lab.md. */
  readonly command?: 'linux' | 'linuxefi';
}

/** @param folder made, for this boot alone */
export async function makeGrubBoot(folder: string, parts: Parts, variant: GrubVariant = {}): Promise<Boot> {
  mkdirSync(folder, { recursive: true });
  const [disk, configuration, initrd] = ['disk.img', 'grub.cfg', 'initrd'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { image } = variant.kernel ?? parts.kernel;
  writeFileSync(configuration, formatConfiguration(variant));
  writeFileSync(initrd, buildInitrd(variant.kernel ?? parts.kernel, parts.busybox, variant.moreInInitrd));
  await makeEfiDisk(disk, {
    '/EFI/BOOT/BOOTX64.EFI': parts.shim,
    '/EFI/BOOT/grubx64.efi': parts.grub,
    '/EFI/debian/grub.cfg': configuration,
    '/boot/vmlinuz': image,
    '/boot/initrd': initrd,
  });
  const loaders = ['--efi', parts.shim, '--efi', parts.grub];
  return {
    folder,
    disk,
    artefacts: [...loaders, '--kernel', image, '--initrd', initrd, '--grub-config', configuration],
  };
}

function formatConfiguration({ words = [], command = 'linuxefi' }: GrubVariant): string {
  return [
    'set timeout=0',
    "menuentry 'lab' {",
    '  search --no-floppy --set=root --file /boot/vmlinuz',
    `  ${command} /boot/vmlinuz ${[...commandLine, ...words].join(' ')}`,
    `  ${command === 'linux' ? 'initrd' : 'initrdefi'} /boot/initrd`,
    '}',
    '',
  ].join('\n');
}
