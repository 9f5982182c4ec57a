// Who measured an event, as far as registers and order tell. Nothing attests it: it explains a boot to people, and no check
// rests on it. [UAPI.7]
import type { LogEvent, RegisterModel } from './claimed-log.ts';
import type { DecodedEvent } from './decoded-event.ts';
import { eventTypes } from './event-types.table.ts';
import { guids } from './guid.ts';
import { tags } from './tagged-event.ts';

/** `loader`: shim, GRUB, systemd-boot. `stub`: the EFI stub of the kernel or of a unified kernel image. */
export type EventOrigin = 'firmware' | 'loader' | 'stub' | 'userspace';

export interface EventToAttribute {
  readonly event: LogEvent;
  readonly decoded: DecodedEvent | undefined;
}

/** Origins in the order of `events`; `undefined` where nobody is known to measure into the register. */
export function attributeEvents(
  events: readonly EventToAttribute[],
  registers: RegisterModel,
): readonly (EventOrigin | undefined)[] {
  let isStubRunning = false;
  let applications = 0;
  return events.map(({ event, decoded }) => {
    if (event.userspace !== undefined) return 'userspace';
    if (registers !== 'tpm') return undefined;
    if (event.pcr === 11 || isStubTag(decoded)) isStubRunning = true;
    if (event.pcr === 4 && event.untrustedType === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION) {
      applications += 1;
      // Firmware starts the first one; that one starts the next, through firmware or by itself.
      return applications === 1 ? 'firmware' : isStubRunning ? 'stub' : 'loader';
    }
    return originOf(event.pcr, decoded, isStubRunning);
  });
}

function originOf(pcr: number, decoded: DecodedEvent | undefined, isStubRunning: boolean): EventOrigin | undefined {
  if (pcr === 8 || pcr === 14) return 'loader';
  if (pcr === 9) return isStubTag(decoded) ? 'stub' : 'loader';
  if (pcr === 11 || pcr === 13) return 'stub';
  if (pcr === 12) return isStubRunning ? 'stub' : 'loader';
  if (pcr > 7) return undefined;
  const isLoaders =
    (decoded?.kind === 'tagged' && decoded.tag === tags.loaderConfiguration) ||
    (decoded?.kind === 'uefi-variable' && decoded.guid === guids.shimLock);
  return isLoaders ? 'loader' : 'firmware';
}

function isStubTag(decoded: DecodedEvent | undefined): boolean {
  return decoded?.kind === 'tagged' && (decoded.tag === tags.linuxInitrd || decoded.tag === tags.linuxLoadOptions);
}
