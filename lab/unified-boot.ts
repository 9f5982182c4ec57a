// A unified kernel image: systemd's stub with kernel, initrd and command line in one signed file. Firmware starts it, or
// systemd-boot does.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Boot } from './boot.ts';
import { commandLine } from './command-line.ts';
import { makeEfiDisk, type EfiFiles } from './disks.ts';
import { fetchPackage } from './guest-packages.ts';
import { buildInitrd } from './initrd.ts';
import type { Parts } from './parts.ts';
import { runProgram } from './program.ts';
import { signEfiImage } from './signing.ts';

/** What differs from the good boot. */
export interface UnifiedVariant {
  /** More words on the embedded command line; the image is signed all the same. */
  readonly words?: readonly string[];
  /** One bit of the signed image is changed. */
  readonly damaged?: boolean;
  /** systemd-boot stands in front. */
  readonly systemdBoot?: boolean;
}

/** Where the stub expects nothing of its own. */
const addresses = { '.osrel': 0x20000, '.cmdline': 0x30000, '.linux': 0x2000000, '.initrd': 0x4000000 } as const;
const release = 'NAME="Lab"\nID=lab\nVERSION_ID=1\nPRETTY_NAME="Lab 1"\n';

/** @param folder made, for this boot alone */
export async function makeUnifiedBoot(folder: string, parts: Parts, variant: UnifiedVariant = {}): Promise<Boot> {
  mkdirSync(folder, { recursive: true });
  const loaders = join(await fetchPackage('systemd-boot-efi'), 'usr/lib/systemd/boot/efi');
  const image = join(folder, 'linux.efi');
  await joinImage(folder, parts, join(loaders, 'linuxx64.efi.stub'), [...commandLine, ...(variant.words ?? [])]);
  await signEfiImage(folder, join(folder, 'unsigned.efi'), image);
  if (variant.damaged === true) damage(image);
  const disk = join(folder, 'disk.img');
  if (variant.systemdBoot !== true) {
    await makeEfiDisk(disk, { '/EFI/BOOT/BOOTX64.EFI': image });
    return { folder, disk, artefacts: ['--uki', image] };
  }
  const loader = join(folder, 'systemd-boot.efi');
  await signEfiImage(folder, join(loaders, 'systemd-bootx64.efi'), loader);
  await makeEfiDisk(disk, systemdBootFiles(folder, loader, image));
  return { folder, disk, artefacts: ['--efi', loader, '--uki', image] };
}

async function joinImage(folder: string, parts: Parts, stub: string, words: readonly string[]): Promise<void> {
  const sections: Readonly<Record<keyof typeof addresses, string | Uint8Array>> = {
    '.osrel': release,
    '.cmdline': words.join(' '),
    '.linux': readFileSync(parts.kernel.image),
    '.initrd': buildInitrd(parts.kernel, parts.busybox),
  };
  const options = Object.entries(addresses).flatMap(([name, address]) => {
    const file = join(folder, `section${name}`);
    writeFileSync(file, sections[name as keyof typeof addresses]);
    return ['--add-section', `${name}=${file}`, '--change-section-vma', `${name}=0x${address.toString(16)}`];
  });
  const image = join(folder, 'unsigned.efi');
  await runProgram('objcopy', [...options, stub, image]);
  clearTimestamp(image);
}

/** objcopy writes the time of day, which would be measured. It stands 8 bytes into the PE header. */
function clearTimestamp(image: string): void {
  const bytes = readFileSync(image);
  bytes.writeUInt32LE(0, bytes.readUInt32LE(0x3c) + 8);
  writeFileSync(image, bytes);
}

function systemdBootFiles(folder: string, loader: string, image: string): EfiFiles {
  const configuration = join(folder, 'loader.conf');
  writeFileSync(configuration, 'timeout 0\n');
  return {
    '/EFI/BOOT/BOOTX64.EFI': loader,
    '/EFI/Linux/lab.efi': image,
    '/loader/loader.conf': configuration,
  };
}

/** In the middle of the kernel, which the signature covers. */
function damage(image: string): void {
  const bytes = readFileSync(image);
  const middle = bytes.length >>> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(image, bytes);
}
