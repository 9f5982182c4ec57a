// What guests are made of: the distribution's own signed shim, GRUB and kernels, and a static busybox. The packages are
// fetched by apt (which checks them against the archive's signature) and unpacked into a cache; none is installed.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { runProgram } from './program.ts';

export interface Kernel {
  /** As `uname -r` shows it. */
  readonly release: string;
  /** The signed image. */
  readonly image: string;
  /** Folder of `*.ko`. */
  readonly modules: string;
}

/** Metapackages that depend on the newest kernel of their flavour. */
const kernelFlavours = { cloud: 'linux-image-cloud-amd64', generic: 'linux-image-amd64' } as const;
export type KernelFlavour = keyof typeof kernelFlavours;

export async function fetchKernel(flavour: KernelFlavour): Promise<Kernel> {
  const metapackage = kernelFlavours[flavour];
  const depends = await apt(() => runProgram('apt-cache', ['depends', '--important', metapackage]));
  const name = /Depends: (linux-image-\d\S*)/.exec(depends)?.[1];
  if (name === undefined) throw new LabError(`${metapackage} depends on no kernel: ${depends}`);
  const folder = await fetchPackage(name);
  const release = name.slice('linux-image-'.length);
  return {
    release,
    image: join(folder, 'boot', `vmlinuz-${release}`),
    modules: join(folder, existsSync(join(folder, 'usr/lib/modules')) ? 'usr/lib/modules' : 'lib/modules', release),
  };
}

/** @throws LabError */
export async function fetchShim(): Promise<string> {
  return join(await fetchPackage('shim-signed'), 'usr/lib/shim/shimx64.efi.signed');
}

/** @throws LabError */
export async function fetchGrub(): Promise<string> {
  return join(await fetchPackage('grub-efi-amd64-signed'), 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed');
}

/** @throws LabError */
export async function fetchBusybox(): Promise<string> {
  const folder = await fetchPackage('busybox-static');
  const places = ['bin/busybox', 'usr/bin/busybox'].map((path) => join(folder, path));
  return places.find((path) => existsSync(path)) ?? places[0] ?? '';
}

/** Folder into which the newest version of a package was unpacked.
 * @throws LabError */
export async function fetchPackage(name: string): Promise<string> {
  const uri = await apt(() => runProgram('apt-get', ['download', '--print-uris', name]));
  const file = /^'[^']*' (\S+\.deb) /m.exec(uri)?.[1];
  if (file === undefined) throw new LabError(`apt-get names no file for ${name}: ${uri}`);
  const folder = join(cacheFolder(), file.slice(0, -'.deb'.length));
  if (!existsSync(folder)) await unpackInto(folder, name);
  return folder;
}

/** Unpacked beside and renamed: a folder in the cache is whole. */
async function unpackInto(folder: string, name: string): Promise<void> {
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), 'fetch-'));
  try {
    await apt(() => runProgram('apt-get', ['download', name], { cwd: work, timeoutMs: 600_000 }));
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new LabError(`apt-get downloaded nothing for ${name}`);
    await runProgram('dpkg-deb', ['--extract', archive, 'tree'], { cwd: work });
    if (!existsSync(folder)) renameSync(join(work, 'tree'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'touchstone-lab');
}

/** Lists of packages may be missing or old: fetched once more where that is allowed, asked for where it is not. */
async function apt(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (cause) {
    const line = 'apt-get update';
    if (process.getuid?.() !== 0) throw packageError(cause, `sudo ${line}`);
    await runProgram('apt-get', ['-o', 'DPkg::Lock::Timeout=400', '-qq', 'update'], { timeoutMs: 600_000 }).catch(
      (error: unknown) => {
        throw packageError(error, line);
      },
    );
    return work().catch((error: unknown) => {
      throw packageError(error, line);
    });
  }
}

function packageError(cause: unknown, line: string): LabError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LabError(
    `The lab's guests are made of packages of Debian, which cannot be had here. ${reason}\nTry:  ${line}`,
    { cause },
  );
}
