// What systemd-stub and the kernel it carries measure of a unified kernel image. [UAPI.5] systemd-stub(7); held against
// systemd-stub 252, which starts its kernel itself: firmware measures the image as a whole into PCR 4, not the kernel in it.
import { MalformedError } from '../error.ts';
import { concatBytes, decodeUtf8, encodeUnsigned, encodeUtf8 } from '../encoding/index.ts';
import { encodeUtf16, eventTags, eventTypes, type EventToEncode } from '../event-log/index.ts';
import { readSection, type PortableExecutable } from './parse-pe.ts';

/** In the order of measuring, with the version of systemd-stub that began to measure it. `.pcrsig` never is. */
const measuredSections: readonly (readonly [name: string, since: number])[] = [
  ['.linux', 250],
  ['.osrel', 250],
  ['.cmdline', 250],
  ['.initrd', 250],
  ['.ucode', 256],
  ['.splash', 250],
  ['.dtb', 250],
  ['.uname', 253],
  ['.sbat', 254],
  ['.pcrpkey', 252],
];

export interface UnifiedKernel {
  readonly stubVersion: number;
  /** Present sections that are measured, in order. */
  readonly sections: readonly { readonly name: string; readonly content: Uint8Array }[];
  /** The embedded command line as the kernel gets it; undefined when the boot loader decides. */
  readonly commandLine: string | undefined;
  readonly initrd: Uint8Array | undefined;
  /** The stub gives the kernel more than the embedded initrd: archives that it makes itself of these sections. */
  readonly extendsInitrd: boolean;
}

/** Sections that the stub hands on to the system inside the initrd, and since which version. */
const handedOn: readonly (readonly [name: string, since: number])[] = [
  ['.pcrsig', 252],
  ['.pcrpkey', 252],
  ['.osrel', 257],
];

/** Several profiles, device trees or firmwares in one image: which are used depends on the machine. */
const chosenByMachine = ['.profile', '.dtbauto', '.hwids', '.efifw'];

/** @throws MalformedError PREDICTION_UKI_INVALID, PREDICTION_PE_INVALID */
export function readUnifiedKernel(image: PortableExecutable): UnifiedKernel {
  const stubVersion = versionOf(image, 'systemd-stub');
  if (stubVersion === undefined) throw invalid('no mark of systemd-stub');
  if (readSection(image, '.linux') === undefined) throw invalid('no kernel (.linux)');
  const chosen = image.sections.find(({ name }) => chosenByMachine.includes(name));
  if (chosen !== undefined) throw invalid(`what of it is measured depends on the machine (${chosen.name})`);
  const sections = measuredSections.flatMap(([name, since]) => {
    const content = stubVersion < since ? undefined : readSection(image, name);
    return content === undefined ? [] : [{ name, content }];
  });
  const commandLine = readSection(image, '.cmdline');
  return {
    stubVersion,
    sections,
    commandLine:
      commandLine &&
      decodeUtf8(commandLine)
        .replace(/\0[\s\S]*$/, '')
        .trim(),
    initrd: readSection(image, '.initrd'),
    extendsInitrd: handedOn.some(([name, since]) => stubVersion >= since && hasSection(image, name)),
  };
}

/** Whether a binary is systemd-boot, which tells the kernel's command line to PCR 12. */
export function isSystemdBoot(image: PortableExecutable): boolean {
  return versionOf(image, 'systemd-boot') !== undefined;
}

/** PCR 11: for each section its name and its content. */
export function measureSections({ sections }: UnifiedKernel): readonly EventToEncode[] {
  return sections.flatMap(({ name, content }) => {
    const shared = { pcr: 11, type: eventTypes.EV_IPL, data: encodeUtf16(`${name}\0`) };
    return [
      { ...shared, measured: encodeUtf8(`${name}\0`) },
      { ...shared, measured: content },
    ];
  });
}

/** PCR 11: what systemd-pcrphase extends while the system starts, as `enter-initrd`. */
export function measurePhases(phases: readonly string[]): readonly EventToEncode[] {
  return phases.map((phase) => ({ pcr: 11, type: eventTypes.EV_IPL, data: encodeUtf8(phase) }));
}

/** PCR 9: command line and initrd, as the EFI stub of the kernel measures what it was given. [LINUX efi-stub-helper.c]
 * @param loadOptions with the zero at its end, where the boot loader leaves one */
export function measureLinuxStub(loadOptions: string, initrd: Uint8Array | undefined): readonly EventToEncode[] {
  const tagged = (tag: number, name: string, measured: Uint8Array): EventToEncode => {
    const content = encodeUtf8(`${name}\0`);
    const head = [encodeUnsigned(tag, 4).reverse(), encodeUnsigned(content.length, 4).reverse()];
    return { pcr: 9, type: eventTypes.EV_EVENT_TAG, data: concatBytes(...head, content), measured };
  };
  const options = tagged(eventTags.linuxLoadOptions, 'LOADED_IMAGE::LoadOptions', encodeUtf16(loadOptions));
  return initrd === undefined ? [options] : [options, tagged(eventTags.linuxInitrd, 'Linux initrd', initrd)];
}

/** PCR 12: the command line that systemd-boot passes on. */
export function measureLoaderCommandLine(commandLine: string): EventToEncode {
  return { pcr: 12, type: eventTypes.EV_IPL, data: encodeUtf16(`${commandLine}\0`) };
}

function hasSection({ sections }: PortableExecutable, sought: string): boolean {
  return sections.some(({ name }) => name === sought);
}

/** `#### LoaderInfo: systemd-stub 252.39-1 ####` */
function versionOf(image: PortableExecutable, program: string): number | undefined {
  const mark = readSection(image, '.sdmagic');
  if (mark === undefined || mark.length > 256) return undefined;
  const text = String.fromCharCode(...mark);
  const version = new RegExp(`^#### LoaderInfo: ${program} (\\d{1,4})[^0-9]`).exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}

function invalid(problem: string): MalformedError {
  return new MalformedError('PREDICTION_UKI_INVALID', problem);
}
