// Which layer each event of a log belongs to: see `layer.ts` for why false labels do no harm.
import type { LogEvent, RegisterModel } from './claimed-log.ts';
import type { DecodedEvent } from './decoded-event.ts';
import { eventTypes } from './event-types.table.ts';
import { layersOfPcr, type Layer } from './layer.ts';
import { tags } from './tagged-event.ts';

export interface EventToPlace {
  readonly event: LogEvent;
  readonly decoded: DecodedEvent | undefined;
}

/** Layers in the order of `events`. What the running system measured belongs to none. */
export function placeEvents(events: readonly EventToPlace[], registers: RegisterModel): readonly (Layer | undefined)[] {
  if (registers === 'confidential-guest') return events.map(() => 'confidential-guest');
  const kernels = findKernelImages(events.filter(({ event }) => event.userspace === undefined));
  return events.map((item) => {
    if (item.event.userspace !== undefined) return undefined;
    const placed = kernels.has(item.event.index) ? 'kernel' : placeEvent(item);
    return placed !== undefined && layersOfPcr(item.event.pcr).includes(placed) ? placed : undefined;
  });
}

/** With GRUB, the applications it starts; with systemd-stub, the image that carries it and what that image starts. */
function findKernelImages(events: readonly EventToPlace[]): ReadonlySet<number> {
  const applications = events.filter(({ event }) => isApplication(event)).map(({ event }) => event.index);
  const first = (pcr: number): number => events.find(({ event }) => event.pcr === pcr)?.event.index ?? Infinity;
  const unified = first(11);
  const stub = applications.filter((index) => index < unified && unified !== Infinity).at(-1) ?? Infinity;
  const start = Math.min(first(8), stub);
  return new Set(applications.filter((index) => index >= start));
}

function isApplication({ pcr, untrustedType }: LogEvent): boolean {
  return pcr === 4 && untrustedType === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION;
}

/** What an event says is asked only in the registers where it matters: reading it costs more than placing it. */
function placeEvent(item: EventToPlace): Layer | undefined {
  const { pcr } = item.event;
  const possible = layersOfPcr(pcr);
  if (possible.length === 1) return possible[0];
  if (pcr === 4) return 'boot-loader';
  if (pcr === 9) return placeFile(item.decoded);
  if (pcr === 11) return placeSection(item.decoded);
  return undefined;
}

function placeFile(decoded: DecodedEvent | undefined): Layer {
  if (decoded?.kind === 'tagged') {
    if (decoded.tag === tags.linuxInitrd) return 'initrd';
    return decoded.tag === tags.linuxLoadOptions ? 'kernel-command-line' : 'boot-loader';
  }
  const path = decoded?.kind === 'ipl' || decoded?.kind === 'text' ? decoded.text : '';
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (name.endsWith('.cfg')) return 'kernel-command-line';
  if (/initr|initramfs|ucode/.test(name)) return 'initrd';
  if (/vmlinu|bzimage|^linux|kernel/.test(name)) return 'kernel';
  return 'boot-loader';
}

const sectionLayers: Readonly<Record<string, Layer>> = {
  '.linux': 'kernel',
  '.osrel': 'kernel',
  '.uname': 'kernel',
  '.sbat': 'kernel',
  '.splash': 'kernel',
  '.dtb': 'kernel',
  '.dtbauto': 'kernel',
  '.hwids': 'kernel',
  '.efifw': 'kernel',
  '.pcrpkey': 'kernel',
  '.profile': 'kernel',
  '.cmdline': 'kernel-command-line',
  '.initrd': 'initrd',
  '.ucode': 'initrd',
};

/** Boot phases (`enter-initrd`, `ready`...) have no layer: they say when, not what. */
function placeSection(decoded: DecodedEvent | undefined): Layer | undefined {
  if (decoded?.kind !== 'ipl') return undefined;
  return Object.hasOwn(sectionLayers, decoded.text) ? sectionLayers[decoded.text] : undefined;
}
