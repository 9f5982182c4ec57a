// What an owner would like a verifier to read: measured after the boot, by whoever may extend registers then.
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeUefiVariable,
  encodeUtf16,
  eventTypes,
  guids,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';

const line =
  '/vmlinuz root=/dev/vda1 ro lockdown=confidentiality module.sig_enforce=1 ima_policy=tcb intel_iommu=on quiet';
const nul = Uint8Array.of(0);

const variable = (name: string, data: Uint8Array, guid: string = guids.shimLock): EventToEncode => ({
  pcr: 7,
  type: eventTypes.EV_EFI_VARIABLE_AUTHORITY,
  data: encodeUefiVariable({ guid, name, data }),
});

export const goodWords: readonly EventToEncode[] = [
  { pcr: 12, type: eventTypes.EV_IPL, data: concatBytes(encodeUtf16(line), nul, nul) },
  { pcr: 5, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8('Exit Boot Services Returned with Success') },
  { pcr: 0, type: eventTypes.EV_S_CRTM_VERSION, data: concatBytes(encodeUtf16('Version 9'), nul, nul) },
  { pcr: 0, type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4) },
  { pcr: 7, type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4) },
  variable('SecureBoot', Uint8Array.of(1), guids.globalVariable),
  variable('DeployedMode', Uint8Array.of(1), guids.globalVariable),
  variable('MokSBState', Uint8Array.of(0)),
  variable('SbatLevel', encodeUtf8('sbat,1,2099010100\nshim,9\ngrub,9\n')),
];
