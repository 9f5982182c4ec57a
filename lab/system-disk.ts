// The system of a guest: this Node with its libraries, our agent, busybox and one script. It is one more ext4 disk, so
// that IMA measures what runs from it.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { layOutAgent } from './agent-files.ts';
import { makeExt4 } from './disks.ts';
import { runProgram } from './program.ts';

/** A program or a file that is not part of the good system. */
export interface ForeignFile {
  readonly path: string;
  readonly contents: string;
  readonly mode: number;
}

const mountPoints = ['proc', 'sys', 'dev', 'run', 'tmp', 'var/lib/touchstone-agent'];
const applets = [
  'sh',
  'cat',
  'mount',
  'umount',
  'ip',
  'stty',
  'base64',
  'sync',
  'poweroff',
  'reboot',
  'dmesg',
  'uname',
  'sleep',
  'cp',
  'mkdir',
  'ls',
  'echo',
];
const librariesFolder = 'lib/x86_64-linux-gnu';
const mebibytes = 256;

export async function makeSystemDisk(image: string, busybox: string, more: readonly ForeignFile[] = []): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'touchstone-system-'));
  try {
    for (const folder of [...mountPoints, 'bin', 'sbin', 'usr/bin', 'usr/lib', librariesFolder]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const name of applets) symlinkSync('busybox', join(root, 'bin', name));
    cpSync(join(import.meta.dirname, 'guest/system-init.sh'), join(root, 'sbin/init'));
    chmodSync(join(root, 'sbin/init'), 0o755);
    await copyNode(root);
    await layOutAgent(join(root, 'usr/lib/touchstone'));
    chmodSync(join(root, 'usr/lib/touchstone/dist/cli/main.js'), 0o755);
    symlinkSync('../lib/touchstone/dist/cli/main.js', join(root, 'usr/bin/touchstone'));
    symlinkSync('/bin/busybox', join(root, 'usr/bin/env'));
    for (const { path, contents, mode } of more) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), contents, { mode });
    }
    await makeExt4(image, root, mebibytes);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The loader keeps its place, which is written into every program; libraries go where the loader looks by itself. */
async function copyNode(root: string): Promise<void> {
  copyFileSync(process.execPath, join(root, 'usr/bin/node'));
  const listing = await runProgram('ldd', [process.execPath]);
  for (const [, path = ''] of listing.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)) {
    const isLoader = basename(path).startsWith('ld-linux');
    const target = join(root, isLoader ? path : join(librariesFolder, basename(path)));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
  }
}
