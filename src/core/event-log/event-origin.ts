// Who measured an event, as far as registers, order and labels tell. Nothing attests it: it explains a boot to people, and
// no check rests on it. [UAPI.7], [SYSTEMD]
import type { LogEvent } from './claimed-log.ts';
import type { DecodedEvent } from './events/decoded-event.ts';
import { guids } from './uefi/guid.ts';
import { isApplication } from './layer-of-event.ts';
import { tags } from './events/tagged-event.ts';
import type { UserspaceMeasurement } from './userspace/userspace-measurement.ts';

/** `loader`: shim, GRUB, systemd-boot, the Windows boot manager. `stub`: the EFI stub of the kernel or of a unified kernel
 * image. `userspace`: the running system. */
export type EventOrigin = 'firmware' | 'loader' | 'stub' | 'userspace';

export interface EventToAttribute {
  readonly event: LogEvent;
  readonly decoded: DecodedEvent | undefined;
  readonly measurement: UserspaceMeasurement | undefined;
}

/** Origins in the order of `events`, which is that of the log; `undefined` where nobody is known to measure into the
 * register. For the registers of a TPM. */
export function attributeEvents(events: readonly EventToAttribute[]): readonly (EventOrigin | undefined)[] {
  let isStubRunning = false;
  let applications = 0;
  return events.map(({ event, decoded, measurement }) => {
    if (event.userspace !== undefined || measurement !== undefined) return 'userspace';
    const { pcr } = event;
    if (decoded?.kind === 'windows') return pcr >= 11 && pcr <= 14 ? 'loader' : undefined;
    if (pcr === 11 || isStubTag(decoded)) isStubRunning = true;
    const started = isStubRunning ? 'stub' : 'loader';
    if (isApplication(event)) {
      applications += 1;
      // Firmware starts the first one; that one starts the next, through firmware or by itself.
      return applications === 1 ? 'firmware' : started;
    }
    return originOf(pcr, decoded, started);
  });
}

function originOf(pcr: number, decoded: DecodedEvent | undefined, started: 'loader' | 'stub'): EventOrigin | undefined {
  if (pcr <= 7) return isOfLoader(decoded) ? started : 'firmware';
  switch (pcr) {
    case 8:
    case 14:
      return 'loader';
    case 9:
      return isStubTag(decoded) ? 'stub' : 'loader';
    case 11:
    case 13:
      return 'stub';
    case 12:
      return started;
    default:
      return undefined;
  }
}

function isStubTag(decoded: DecodedEvent | undefined): boolean {
  return decoded?.kind === 'tagged' && (decoded.tag === tags.linuxInitrd || decoded.tag === tags.linuxLoadOptions);
}

/** What shim and systemd-boot measure into the registers of firmware. */
function isOfLoader(decoded: DecodedEvent | undefined): boolean {
  if (decoded?.kind === 'tagged') return loaderTags.includes(decoded.tag);
  return decoded?.kind === 'uefi-variable' && decoded.guid === guids.shimLock;
}

const loaderTags: readonly number[] = [tags.loaderConfiguration, tags.smbiosSystem, tags.smbiosBoard, tags.smbiosOem];
