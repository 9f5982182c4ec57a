// What guests are made of: the distribution's own signed shim, GRUB and kernels, and a static busybox. The packages are
// fetched by apt (which checks them against the archive's signature) and unpacked into a cache; none is installed.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { chooseDistribution, distributions, places, type Distribution, type KernelFlavour } from './distribution.ts';
import { LabError } from './lab-error.ts';
import { runProgram } from './program.ts';

export interface Kernel {
  /** As `uname -r` shows it. */
  readonly release: string;
  /** The signed image. */
  readonly image: string;
  /** Folder of drivers. */
  readonly modules: string;
}

/** What guests can be made of here.
 * @throws LabError when apt offers the kernels of no distribution that the lab knows */
export function findDistribution(): Promise<Distribution> {
  return apt(async () => {
    const packages = (await runProgram('apt-cache', ['pkgnames', 'linux-image-'])).split('\n');
    const found = chooseDistribution(packages);
    if (found !== undefined) return found;
    const names = distributions.map(({ name, kernels }) => `${kernels.usual} (${name})`).join(' nor ');
    throw new LabError(`apt offers neither ${names}.`);
  });
}

/** @throws LabError */
export async function fetchKernel({ kernels, modules }: Distribution, flavour: KernelFlavour): Promise<Kernel> {
  const metapackage = kernels[flavour];
  const depends = await apt(() => runProgram('apt-cache', ['depends', '--important', metapackage]));
  const name = /Depends: (linux-image-\d\S*)/.exec(depends)?.[1];
  if (name === undefined) throw new LabError(`${metapackage} depends on no kernel: ${depends}`);
  const folder = await fetchPackage(name);
  const release = name.slice('linux-image-'.length);
  const drivers = modules === undefined ? folder : await fetchPackage(modules(release));
  return {
    release,
    image: join(folder, 'boot', `vmlinuz-${release}`),
    modules: join(fileOf(drivers, places.modules), release),
  };
}

/** @throws LabError */
export async function fetchShim(): Promise<string> {
  return fileOf(await fetchPackage('shim-signed'), places.shim);
}

/** @throws LabError */
export async function fetchGrub(): Promise<string> {
  return fileOf(await fetchPackage('grub-efi-amd64-signed'), places.grub);
}

/** @throws LabError */
export async function fetchBusybox(): Promise<string> {
  return fileOf(await fetchPackage('busybox-static'), places.busybox);
}

function fileOf(folder: string, paths: readonly string[]): string {
  const found = paths.map((path) => join(folder, path)).find((path) => existsSync(path));
  if (found === undefined) throw new LabError(`${basename(folder)} holds none of ${paths.join(', ')}`);
  return found;
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

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'touchstone-lab');
}

/** Lists of packages may be missing or old: fetched once more where that is allowed, asked for where it is not. */
async function apt<T>(work: () => Promise<T>): Promise<T> {
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
    `The lab's guests are made of packages of Debian or Ubuntu, which cannot be had here. ${reason}\nTry:  ${line}`,
    { cause },
  );
}
