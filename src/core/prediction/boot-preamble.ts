// What firmware measures of a boot attempt before it starts the first boot loader: the same on every host of a model.
import { annotateEventLog, eventTypes, type ClaimedEventLog, type EventToEncode } from '../event-log/index.ts';
import { encodeUtf8 } from '../encoding/index.ts';
import { copyEvent } from './copy-event.ts';

export interface BootPreamble {
  /** PCR 4 up to the first boot loader. */
  readonly attempt: readonly EventToEncode[];
  /** PCR 7: who admitted the drivers of devices (option ROMs), after the Secure Boot variables. */
  readonly authorities: readonly EventToEncode[];
}

/** As EDK2 firmware has it on a machine without signed drivers of devices. */
export const plainPreamble: BootPreamble = {
  attempt: [
    { pcr: 4, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8('Calling EFI Application from Boot Option') },
    { pcr: 4, type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4) },
  ],
  authorities: [],
};

/** As the log of another host of the model tells it; the plain one where the log has no boot attempt. The log proves
 * nothing by itself: who signs the prediction vouches for it.
 * @throws VerificationError EVENT_LOG_NO_MEASUREMENTS */
export function readBootPreamble(log: ClaimedEventLog): BootPreamble {
  const { events } = annotateEventLog(log);
  const separator = events.findIndex(({ pcr, decoded }) => pcr === 4 && decoded?.kind === 'separator');
  const loader = events.findIndex(
    ({ pcr, untrustedType }, position) =>
      position > separator && pcr === 4 && untrustedType === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION,
  );
  if (separator === -1 || loader === -1) return plainPreamble;
  const begun = events.slice(0, loader).filter(({ pcr }) => pcr === 4);
  const last = begun.at(-1)?.index ?? 0;
  const admitted = events.filter(
    ({ pcr, untrustedType, index }) =>
      pcr === 7 && untrustedType === eventTypes.EV_EFI_VARIABLE_AUTHORITY && index < last,
  );
  const copy = (chosen: readonly { readonly index: number }[]): readonly EventToEncode[] =>
    chosen.flatMap(({ index }) => log.events.filter((event) => event.index === index)).map(copyEvent);
  return { attempt: copy(begun), authorities: copy(admitted) };
}
