// shim, GRUB and a kernel, all signed by the distribution, on an EFI system partition.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  /** GRUB 2.06 only: the kernel does not receive the boot log when Secure Boot is off; see docs/lab.md. */
  readonly hidesLog?: boolean;
}

/** @param folder made, for this boot alone */
export async function makeGrubBoot(folder: string, parts: Parts, variant: GrubVariant = {}): Promise<Boot> {
  mkdirSync(folder, { recursive: true });
  const [disk, configuration, initrd] = ['disk.img', 'grub.cfg', 'initrd'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { grubFolder } = parts.distribution;
  const { image } = variant.kernel ?? parts.kernel;
  writeFileSync(configuration, formatConfiguration(variant, knowsLinuxefi(parts.grub)));
  writeFileSync(initrd, buildInitrd(variant.kernel ?? parts.kernel, parts.busybox, variant.moreInInitrd));
  await makeEfiDisk(disk, {
    '/EFI/BOOT/BOOTX64.EFI': parts.shim,
    '/EFI/BOOT/grubx64.efi': parts.grub,
    [`${grubFolder}/grub.cfg`]: configuration,
    '/boot/vmlinuz': image,
    '/boot/initrd': initrd,
  });
  const loaders = ['--efi', parts.shim, '--efi', parts.grub];
  return {
    folder,
    disk,
    artefacts: [
      ...loaders,
      ...['--kernel', image, '--initrd', initrd],
      ...['--grub-config', configuration, '--grub-prefix', `(hd0,gpt1)${grubFolder}`],
    ],
  };
}

/** GRUB 2.12 has dropped the command: its `linux` does the same. */
export function knowsLinuxefi(grub: string): boolean {
  return readFileSync(grub).includes('\0linuxefi\0');
}

function formatConfiguration({ words = [], hidesLog = false }: GrubVariant, linuxefi: boolean): string {
  const suffix = linuxefi && !hidesLog ? 'efi' : '';
  return [
    'set timeout=0',
    "menuentry 'lab' {",
    '  search --no-floppy --set=root --file /boot/vmlinuz',
    `  linux${suffix} /boot/vmlinuz ${[...commandLine, ...words].join(' ')}`,
    `  initrd${suffix} /boot/initrd`,
    '}',
    '',
  ].join('\n');
}
