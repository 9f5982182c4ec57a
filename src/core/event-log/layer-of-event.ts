// Which layer each event of a log belongs to: see `layer.ts` for why false labels do no harm.
import type { LogEvent, RegisterModel } from './claimed-log.ts';
import type { DecodedEvent } from './events/decoded-event.ts';
import { eventTypes } from './events/event-types.table.ts';
import { layersOfPcr, type Layer } from './layer.ts';
import { tags } from './events/tagged-event.ts';

export interface EventToPlace {
  readonly event: LogEvent;
  readonly decoded: DecodedEvent | undefined;
}

/** Layers in the order of `events`, which is that of the log. What the running system measured belongs to none. */
export function placeEvents(events: readonly EventToPlace[], registers: RegisterModel): readonly (Layer | undefined)[] {
  if (registers === 'confidential-guest') return events.map(() => 'confidential-guest');
  const firstKernel = findFirstKernel(events);
  return events.map((item) => {
    const { pcr, index, userspace } = item.event;
    if (userspace !== undefined) return undefined;
    const possible = layersOfPcr(pcr);
    if (possible.length <= 1) return possible[0];
    const placed = index >= firstKernel && isApplication(item.event) ? 'kernel' : placeEvent(item);
    return placed !== undefined && possible.includes(placed) ? placed : undefined;
  });
}

/** From where on applications are kernels: with GRUB, those it starts; with systemd-stub, the image that carries it and what
 * that image starts. */
function findFirstKernel(events: readonly EventToPlace[]): number {
  let [grub, application] = [Infinity, Infinity];
  let stub: number | undefined;
  for (const { event } of events) {
    const { pcr, index, userspace } = event;
    if (userspace !== undefined) continue;
    if (pcr === 8) grub = Math.min(grub, index);
    else if (pcr === 11) stub ??= application;
    else if (isApplication(event)) application = index;
  }
  return Math.min(grub, stub ?? Infinity);
}

/** A program that the firmware or another program started. */
export function isApplication({ pcr, untrustedType }: LogEvent): boolean {
  return pcr === 4 && untrustedType === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION;
}

/** What an event says is asked only in the registers where it matters: reading it costs more than placing it. */
function placeEvent(item: EventToPlace): Layer | undefined {
  switch (item.event.pcr) {
    case 4:
      return 'boot-loader';
    case 9:
      return placeFile(item.decoded);
    case 11:
      return placeSection(item.decoded);
    default:
      return undefined;
  }
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
