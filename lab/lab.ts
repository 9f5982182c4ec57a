// One run of the lab: a folder of its own, one site, and guests that are made when a scenario asks for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeGrubBoot, type GrubVariant } from './grub-boot.ts';
import { createGuest, type Guest } from './guest.ts';
import { fetchParts, type Parts } from './parts.ts';
import { establish, type Platform } from './platform.ts';
import { openSite, type Site } from './site.ts';
import { makeSystemDisk } from './system-disk.ts';

export interface Lab {
  readonly folder: string;
  readonly site: Site;
  readonly parts: Parts;
  /** The system that every guest runs. */
  readonly system: string;
  /** A guest that boots by shim and GRUB with Secure Boot on: made and trusted when it is first asked for. */
  grub(): Promise<Platform>;
  /** Another boot by shim and GRUB, for the same guest. */
  grubBoot(name: string, variant: GrubVariant): Promise<string>;
  close(): Promise<void>;
}

/** @throws LabError when something is missing on this system; the message says what to type */
export async function openLab(options: { readonly keep?: boolean } = {}): Promise<Lab> {
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
    const site = await openSite(folder);
    const guests: Guest[] = [];
    const guest = async (name: string): Promise<Guest> => {
      const made = await createGuest(join(folder, name), name, site);
      guests.push(made);
      return made;
    };
    const makeGrub = async (): Promise<Platform> => {
      const boot = await makeGrubBoot(join(folder, 'grub-good'), parts);
      return establish(site, await guest('grub'), { keys: 'microsoft', boot: boot.disk, system }, boot);
    };
    let grub: Promise<Platform> | undefined;
    return {
      folder,
      site,
      parts,
      system,
      grub: () => (grub ??= makeGrub()),
      grubBoot: async (name, variant) => (await makeGrubBoot(join(folder, name), parts, variant)).disk,
      close: async () => {
        for (const { machine } of guests) await machine.kill();
        await site.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
