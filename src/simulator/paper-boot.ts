// What a paper host boots, in words, and the events that such a boot leaves in a TCG log: UEFI firmware, shim, GRUB and
// Linux, in the order and with the digests that the real ones use.
import { concatBytes, encodeUnsigned, encodeUtf8 } from '../core/encoding/index.ts';
import {
  encodeSignatureList,
  encodeUefiVariable,
  encodeUtf16,
  eventTypes,
  guids,
  type EventToEncode,
} from '../core/event-log/index.ts';
import { seededBytes } from './seed.ts';

/** Each text stands for a build: another text is another build with another digest. */
export interface PaperBoot {
  readonly firmware: string;
  readonly secureBoot: boolean;
  readonly bootLoader: string;
  readonly kernel: string;
  readonly commandLine: string;
  readonly initrd: string;
  /** What only this machine measures, into PCR 1: a boot entry with the address of its network card, say. None unless told. */
  readonly ownBootEntry?: string;
}

export const ordinaryBoot: PaperBoot = {
  firmware: 'paper-firmware 1.0',
  secureBoot: true,
  bootLoader: 'grub 2.06',
  kernel: 'linux 6.1.0-56',
  commandLine: '/boot/vmlinuz root=/dev/vda2 ro quiet lockdown=integrity',
  initrd: 'initrd 6.1.0-56',
};

const owner = '77fa9abd-0359-4d32-bd60-28f4e78f784b';

/** The events of a boot, in the order in which they are measured. */
export function measureBoot(boot: PaperBoot): readonly EventToEncode[] {
  return [
    ...firmwareEvents(boot),
    ...secureBootEvents(boot),
    { pcr: 4, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8('Calling EFI Application from Boot Option') },
    ...[0, 1, 2, 3, 4, 5, 6].map(separator),
    ...(boot.secureBoot ? [authority(guids.imageSecurityDatabase, 'db', signatureData('distribution CA'))] : []),
    application('shim 15.8', '\\EFI\\BOOT\\BOOTX64.EFI'),
    ...shimEvents(boot),
    application(boot.bootLoader, '\\EFI\\BOOT\\grubx64.efi'),
    ...loaderEvents(boot),
    ...['Exit Boot Services Invocation', 'Exit Boot Services Returned with Success'].map((text) => ({
      pcr: 5,
      type: eventTypes.EV_EFI_ACTION,
      data: encodeUtf8(text),
    })),
  ];
}

/** An image that firmware starts: the digest is of the build, the data says where it lay. */
export function application(build: string, path: string): EventToEncode {
  const devicePath = concatBytes(filePathNode(path), Uint8Array.of(0x7f, 0xff, 4, 0));
  const data = concatBytes(le(0x1c93_0018, 8), le(4_183_488, 8), le(0, 8), le(devicePath.length, 8), devicePath);
  return { pcr: 4, type: eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION, data, measured: encodeUtf8(`image ${build}`) };
}

/** What GRUB measures when it hands a command line to the kernel; the digest covers the text behind the prefix. */
function commandLineEvent(commandLine: string): EventToEncode {
  const data = encodeUtf8(`${commandLinePrefix}${commandLine}\0`);
  return { pcr: 8, type: eventTypes.EV_IPL, data, measured: encodeUtf8(commandLine) };
}

export const commandLinePrefix = 'kernel_cmdline: ';

function firmwareEvents({ firmware }: PaperBoot): readonly EventToEncode[] {
  const blob = concatBytes(le(0x82_0000, 8), le(0xe_0000, 8));
  return [
    { pcr: 0, type: eventTypes.EV_S_CRTM_VERSION, data: encodeUtf16(`${firmware}\0`) },
    {
      pcr: 0,
      type: eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB,
      data: blob,
      measured: encodeUtf8(`firmware volume ${firmware}`),
    },
  ];
}

function secureBootEvents({ secureBoot, ownBootEntry }: PaperBoot): readonly EventToEncode[] {
  const x509 = (who: string) => ({ typeGuid: guids.certX509, owner, signatures: [paperCertificate(who)] });
  const forbidden = { typeGuid: guids.certSha256, owner, signatures: [seededBytes('paper', 'dbx 1', 32)] };
  return [
    driverConfig(guids.globalVariable, 'SecureBoot', Uint8Array.of(secureBoot ? 1 : 0)),
    driverConfig(guids.globalVariable, 'PK', encodeSignatureList(x509('platform owner'))),
    driverConfig(guids.globalVariable, 'KEK', encodeSignatureList(x509('key exchange'))),
    driverConfig(guids.imageSecurityDatabase, 'db', encodeSignatureList(x509('distribution CA'))),
    driverConfig(guids.imageSecurityDatabase, 'dbx', encodeSignatureList(forbidden)),
    separator(7),
    bootVariable('BootOrder', Uint8Array.of(1, 0)),
    ...(ownBootEntry === undefined ? [] : [bootVariable('Boot0001', encodeUtf16(ownBootEntry))]),
  ];
}

function shimEvents({ secureBoot }: PaperBoot): readonly EventToEncode[] {
  const list = (name: string): EventToEncode => {
    return { pcr: 14, type: eventTypes.EV_IPL, data: encodeUtf8(`${name}\0`), measured: encodeUtf8(`paper ${name}`) };
  };
  return [
    list('MokList'),
    list('MokListX'),
    authority(guids.shimLock, 'SbatLevel', encodeUtf8('sbat,1,2025021800\nshim,4\ngrub,5\n')),
    list('MokListTrusted'),
    ...(secureBoot ? [authority(guids.shimLock, 'MokListRT', signatureData('distribution signer'))] : []),
  ];
}

function loaderEvents(boot: PaperBoot): readonly EventToEncode[] {
  return [
    grubCommand('source (hd0,gpt1)/EFI/paper/grub.cfg'),
    grubFile('(hd0,gpt1)/EFI/paper/grub.cfg', `grub.cfg ${boot.commandLine}`),
    grubCommand(`linux ${boot.commandLine}`),
    grubFile('(hd0,gpt2)/boot/vmlinuz', `kernel file ${boot.kernel}`),
    application(boot.kernel, '\\boot\\vmlinuz'),
    commandLineEvent(boot.commandLine),
    grubCommand('initrd /boot/initrd.img'),
    grubFile('(hd0,gpt2)/boot/initrd.img', `initrd file ${boot.initrd}`),
  ];
}

function grubCommand(text: string): EventToEncode {
  return { pcr: 8, type: eventTypes.EV_IPL, data: encodeUtf8(`grub_cmd: ${text}\0`), measured: encodeUtf8(text) };
}

function grubFile(path: string, build: string): EventToEncode {
  return { pcr: 9, type: eventTypes.EV_IPL, data: encodeUtf8(`${path}\0`), measured: encodeUtf8(build) };
}

function separator(pcr: number): EventToEncode {
  return { pcr, type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4) };
}

function driverConfig(guid: string, name: string, data: Uint8Array): EventToEncode {
  return { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG, data: encodeUefiVariable({ guid, name, data }) };
}

function authority(guid: string, name: string, data: Uint8Array): EventToEncode {
  return { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_AUTHORITY, data: encodeUefiVariable({ guid, name, data }) };
}

function bootVariable(name: string, measured: Uint8Array): EventToEncode {
  const data = encodeUefiVariable({ guid: guids.globalVariable, name, data: measured });
  return { pcr: 1, type: eventTypes.EV_EFI_VARIABLE_BOOT, data, measured };
}

/** EFI_SIGNATURE_DATA: the owner, then a certificate. */
function signatureData(who: string): Uint8Array {
  const list = encodeSignatureList({ typeGuid: guids.certX509, owner, signatures: [paperCertificate(who)] });
  return list.subarray(28);
}

/** Has the outside of a certificate (a DER SEQUENCE of 768 bytes) and nothing inside that anybody would verify. */
function paperCertificate(who: string): Uint8Array {
  return concatBytes(Uint8Array.of(0x30, 0x82, 0x02, 0xfc), seededBytes('paper', `certificate ${who}`, 764));
}

/** MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP. [UEFI §10.3.5.4] */
function filePathNode(path: string): Uint8Array {
  const text = encodeUtf16(`${path}\0`);
  return concatBytes(Uint8Array.of(4, 4), le(text.length + 4, 2), text);
}

function le(value: number, length: number): Uint8Array {
  return encodeUnsigned(value, length).reverse();
}
