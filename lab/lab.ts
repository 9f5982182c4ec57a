// One run of the lab: a folder of its own, one site, and guests that are made when a scenario asks for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Boot } from './boot.ts';
import { lockedDown } from './command-line.ts';
import { makeGrubBoot, type GrubVariant } from './grub-boot.ts';
import { createGuest, type Guest } from './guest.ts';
import type { FirmwareKeys } from './machine.ts';
import { fetchParts, type Parts } from './parts.ts';
import { establish, type Platform } from './platform.ts';
import type { Recorder } from './recorder.ts';
import { openSite, type PolicyOfOne, type Site } from './site.ts';
import { makeSystemDisk } from './system-disk.ts';
import { makeUnifiedBoot, type UnifiedVariant } from './unified-boot.ts';

export type PlatformName = 'grub' | 'unified' | 'systemd-boot' | 'no-secure-boot' | 'strict';

export interface Lab {
  readonly folder: string;
  readonly site: Site;
  readonly parts: Parts;
  /** A guest of its own for each kind of boot: made, and trusted, when it is first asked for. */
  platform(name: PlatformName): Promise<Platform>;
  /** Other boots. The name becomes a folder. */
  grubBoot(name: string, variant: GrubVariant): Promise<Boot>;
  unifiedBoot(name: string, variant: UnifiedVariant): Promise<Boot>;
  close(): Promise<void>;
}

export interface LabOptions {
  /** Leaves the folder. */
  readonly keep?: boolean;
  /** Told of everything that could be a fixture. */
  readonly recorder?: Recorder | undefined;
}

/** @throws LabError when something is missing on this system; the message says what to type */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const parts = await fetchParts();
  // Sockets lie below it, whose paths end at 107 bytes.
  const folder = mkdtempSync(join(tmpdir().length > 40 ? '/tmp' : tmpdir(), 'touchstone-lab-'));
  const remove = (): void => {
    if (options.keep !== true) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const system = join(folder, 'system.img');
    await makeSystemDisk(system, parts.busybox);
    return createLab(folder, parts, system, await openSite(folder, options.recorder), remove);
  } catch (error) {
    remove();
    throw error;
  }
}

function createLab(folder: string, parts: Parts, system: string, site: Site, remove: () => void): Lab {
  const guests: Guest[] = [];
  const platforms = new Map<PlatformName, Promise<Platform>>();
  const make = async (name: PlatformName): Promise<Platform> => {
    const { keys, boot, policy } = await goodBoot(name, join(folder, `${name}-good`), parts);
    if (policy !== undefined) await site.holdTo(name, policy);
    const guest = await createGuest(join(folder, name), name, site);
    guests.push(guest);
    return establish(site, guest, { keys, boot: boot.disk, system }, boot);
  };
  return {
    folder,
    site,
    parts,
    platform: (name) => {
      const made = platforms.get(name) ?? make(name);
      platforms.set(name, made);
      return made;
    },
    grubBoot: (name, variant) => makeGrubBoot(join(folder, name), parts, variant),
    unifiedBoot: (name, variant) => makeUnifiedBoot(join(folder, name), parts, variant),
    close: async () => {
      for (const { machine } of guests) await machine.kill();
      await site.close();
      remove();
    },
  };
}

interface GoodBoot {
  readonly keys: FirmwareKeys;
  readonly boot: Boot;
  /** Where it is not the one for every host. */
  readonly policy?: PolicyOfOne;
}

async function goodBoot(name: PlatformName, folder: string, parts: Parts): Promise<GoodBoot> {
  switch (name) {
    case 'grub':
      return { keys: 'microsoft', boot: await makeGrubBoot(folder, parts) };
    case 'no-secure-boot':
      return { keys: 'none', boot: await makeGrubBoot(folder, parts), policy: 'without-secure-boot' };
    case 'strict':
      return {
        keys: 'current',
        boot: await makeGrubBoot(folder, parts, { words: lockedDown }),
        policy: 'hypervisor-strict',
      };
    case 'unified':
      return { keys: 'snakeoil', boot: await makeUnifiedBoot(folder, parts) };
    case 'systemd-boot':
      return { keys: 'snakeoil', boot: await makeUnifiedBoot(folder, parts, { systemdBoot: true }) };
  }
}
