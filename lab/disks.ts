// Disk images, made without mounting anything: an EFI system partition, and ext4 file systems from folders.
import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { runProgram } from './program.ts';

/** Where a file goes on the EFI system partition, and where it comes from. */
export type EfiFiles = Readonly<Record<string, string>>;

const mebibyte = 1024 * 1024;
const efiDiskSize = 96;
const firstSector = 2048;
const sectors = (efiDiskSize - 2) * 2048;

/** A disk with a partition table (GPT) and one FAT32 partition. Its identifiers are fixed: firmware measures the table. */
export async function makeEfiDisk(image: string, files: EfiFiles): Promise<void> {
  makeEmpty(image, efiDiskSize);
  const table = [
    'label: gpt',
    'label-id: 6B1E3C52-0F0D-4C6C-9A53-5D1F0A7E2B01',
    `start=${firstSector}, size=${sectors}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=6B1E3C52-0F0D-4C6C-9A53-5D1F0A7E2B02, name=ESP`,
  ];
  await runProgram('sfdisk', ['--quiet', image], { input: table.join('\n') });
  const partition = `${image}@@${firstSector * 512}`;
  await runProgram('mformat', [
    '-i',
    partition,
    '-F',
    '-T',
    String(sectors),
    '-h',
    '64',
    '-s',
    '32',
    '-v',
    'ESP',
    '-N',
    '12345678',
    '::',
  ]);
  const folders = new Set(Object.keys(files).flatMap(parentsOf));
  await runProgram('mmd', ['-i', partition, ...[...folders].map((folder) => `::${folder}`)]);
  for (const [path, source] of Object.entries(files)) await runProgram('mcopy', ['-i', partition, source, `::${path}`]);
}

/** An ext4 file system with the contents of `folder`, owned by root. */
export async function makeExt4(image: string, folder: string, mebibytes: number): Promise<void> {
  makeEmpty(image, mebibytes);
  const owner = 'root_owner=0:0,hash_seed=6b1e3c52-0f0d-4c6c-9a53-5d1f0a7e2b03';
  await runProgram('mke2fs', ['-q', '-t', 'ext4', '-d', folder, '-E', owner, '-O', '^has_journal', image]);
}

function makeEmpty(image: string, mebibytes: number): void {
  if (existsSync(image)) rmSync(image);
  writeFileSync(image, '');
  truncateSync(image, mebibytes * mebibyte);
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
