// The initial RAM disk of a guest: busybox, the few drivers it needs, and a script. The same inputs give the same bytes.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Kernel } from './guest-packages.ts';

export interface InitrdFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** ext4 asks for crc32c by another name than its file's. */
const drivers = ['virtio_pci', 'virtio_blk', 'virtio_net', 'crc32c_generic', 'ext4'];
/** Debian packs drivers with xz from release 13 on, Ubuntu with zstd from 24.04 on. */
const moduleFile = /\.ko(\.xz|\.zst)?$/;
const moduleLimit = 64 * 1024 * 1024;
const directoryMode = 0o40755;
const fileMode = 0o100000;

/** @param more files beside those of every guest */
export function buildInitrd(kernel: Kernel, busybox: string, more: readonly InitrdFile[] = []): Uint8Array {
  const modules = orderModules(kernel.modules, drivers);
  const files: InitrdFile[] = [
    { path: 'init', mode: 0o755, bytes: readFileSync(join(import.meta.dirname, 'guest/initrd-init.sh')) },
    { path: 'bin/busybox', mode: 0o755, bytes: readFileSync(busybox) },
    {
      path: 'modules.order',
      mode: 0o644,
      bytes: Buffer.from(modules.map((path) => `${moduleName(path)}.ko\n`).join('')),
    },
    ...modules.map((path) => ({ path: `modules/${moduleName(path)}.ko`, mode: 0o644, bytes: readModule(path) })),
    ...more,
  ];
  return gzipSync(encodeCpio(files), { level: 6 });
}

/** Files of the drivers and of what they depend on, in the order in which they can be loaded. What is built into the
 * kernel has no file. */
function orderModules(folder: string, names: readonly string[]): readonly string[] {
  const files = new Map(listModules(folder).map((path) => [moduleName(path), path]));
  const ordered = new Set<string>();
  const visit = (name: string): void => {
    const path = files.get(name);
    if (path === undefined || ordered.has(path)) return;
    for (const dependency of dependenciesOf(path)) visit(dependency);
    ordered.add(path);
  };
  for (const name of names) visit(name);
  return [...ordered];
}

function listModules(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => moduleFile.test(path))
    .map((path) => join(folder, path));
}

function moduleName(path: string): string {
  return basename(path).replace(moduleFile, '').replaceAll('-', '_');
}

function readModule(path: string): Uint8Array {
  const unpack = { '.xz': 'xz', '.zst': 'zstd' }[extname(path)];
  if (unpack === undefined) return readFileSync(path);
  return execFileSync(unpack, ['--decompress', '--stdout', path], { maxBuffer: moduleLimit });
}

/** `depends=a,b` in the section .modinfo, which ends at a zero byte. */
function dependenciesOf(path: string): readonly string[] {
  const list = /\0depends=([\w,-]*)\0/.exec(Buffer.from(readModule(path)).toString('latin1'))?.[1] ?? '';
  return list
    .split(',')
    .filter(Boolean)
    .map((name) => name.replaceAll('-', '_'));
}

/** The format "newc" of cpio, which the kernel unpacks: all owned by root, dated 1970. */
function encodeCpio(files: readonly InitrdFile[]): Uint8Array {
  const folders = [...new Set(files.flatMap(({ path }) => parentsOf(path)))];
  const entries = [
    ...folders.map((path) => ({ path, mode: directoryMode, bytes: new Uint8Array() })),
    ...files.map(({ path, mode, bytes }) => ({ path, mode: fileMode | mode, bytes })),
    { path: 'TRAILER!!!', mode: 0, bytes: new Uint8Array() },
  ];
  return Buffer.concat(entries.map((entry, index) => encodeEntry(entry, index + 1)));
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function encodeEntry({ path, mode, bytes }: InitrdFile, inode: number): Uint8Array {
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, path.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`;
  return Buffer.concat([padTo4(Buffer.from(header)), padTo4(bytes)]);
}

function padTo4(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
}
