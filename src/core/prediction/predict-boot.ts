// A boot that has not happened yet: the events that these artefacts will leave, in the order of each PCR.
import { MalformedError, VerificationError } from '../error.ts';
import { bytesEqual, concatBytes, encodeUnsigned } from '../encoding/index.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import {
  encodeUefiVariable,
  eventTypes,
  guids,
  type ClaimedEventLog,
  type EventToEncode,
  type SignatureDatabase,
} from '../event-log/index.ts';
import { authenticodeDigest } from './authenticode.ts';
import { describeSigners, encodeAuthority, findAuthority, parseDatabase } from './authority.ts';
import { plainPreamble, type BootPreamble } from './boot-preamble.ts';
import { requireAllowed } from './forbidden.ts';
import { readGrubRelease } from './grub-release.ts';
import { measureGrub } from './grub.ts';
import { parsePortableExecutable, type PortableExecutable } from './parse-pe.ts';
import type { PredictionGap } from './predicted-statements.ts';
import { keepAuthorities, measureVariables, valueOf, type SecureBootVariables } from './secure-boot.ts';
import { measureMokLists, readShim, sbatOriginal, type ShimContents } from './shim.ts';
import {
  isSystemdBoot,
  measureLinuxStub,
  measureLoaderCommandLine,
  measurePhases,
  measureSections,
  readUnifiedKernel,
} from './unified-kernel.ts';

export interface BootPlan {
  readonly banks: readonly HashAlgorithm[];
  /** Undefined: layer secure-boot is not predicted, and Secure Boot is taken to be on. */
  readonly secureBoot?: SecureBootVariables;
  /** What firmware does before the first loader; `plainPreamble` unless a log of the model told. */
  readonly preamble?: BootPreamble;
  /** Boot loaders in the order they start. */
  readonly loaders: readonly Uint8Array[];
  readonly grub?: {
    readonly configuration: string;
    readonly prefix: string;
    readonly kernel: Uint8Array;
    readonly initrds: readonly Uint8Array[];
  };
  readonly unifiedKernel?: Uint8Array;
  readonly phases?: readonly string[];
  /** Without binaries: the log whose authorities stay as they are. */
  readonly keepAuthoritiesOf?: ClaimedEventLog;
}

/**
 * The events of PCR 4, 7, 8, 9, 11, 12 and 14 as far as the artefacts decide them. PCR 0 and 2 are the firmware's: capture
 * them from one host of the model. It is assumed that the owner enrolled no MOK, and that SbatLevel is what shim sets.
 *
 * @throws MalformedError PREDICTION_PLAN_INVALID, PREDICTION_PE_*, PREDICTION_SHIM_INVALID, PREDICTION_GRUB_UNSUPPORTED,
 *   PREDICTION_UKI_INVALID, PREDICTION_SIGNATURE_INVALID
 * @throws VerificationError PREDICTION_AUTHORITY_UNKNOWN, PREDICTION_IMAGE_FORBIDDEN when these hosts would refuse to boot
 */
export function predictBoot(plan: BootPlan): readonly EventToEncode[] {
  checkPlan(plan);
  const variables = plan.secureBoot === undefined ? [] : measureVariables(plan.secureBoot);
  if (plan.keepAuthoritiesOf !== undefined && plan.secureBoot !== undefined) {
    return [...variables, ...keepAuthorities(plan.keepAuthoritiesOf, plan.secureBoot)];
  }
  const images = [...plan.loaders, ...(plan.unifiedKernel ? [plan.unifiedKernel] : [])].map(parsePortableExecutable);
  const shim = images[0] && readShim(images[0]);
  const boot = { ...plan, images, shim };
  const { attempt, authorities } = plan.preamble ?? plainPreamble;
  const byFirmware = plan.secureBoot?.enabled === true ? authorities : [];
  const started = [...byFirmware, ...measureImages(boot), ...measureGrubBoot(boot), ...measureUnifiedBoot(boot)];
  return [
    ...variables,
    ...attempt,
    ...withoutRepeats(started, shim === undefined ? undefined : byFirmware.length),
    ...measurePhases(plan.phases ?? []),
  ];
}

/** What `predictBoot` cannot tell of this plan: nothing of these layers is predicted, so capture them from one host.
 * @throws MalformedError PREDICTION_PE_*, PREDICTION_UKI_INVALID */
export function readPredictionGaps({ unifiedKernel, secureBoot }: BootPlan): readonly PredictionGap[] {
  const gaps: PredictionGap[] = [];
  if (secureBoot === undefined) {
    gaps.push({ layer: 'secure-boot', pcr: 7, reason: 'no keys were given; Secure Boot is taken to be on' });
  }
  if (unifiedKernel !== undefined && readUnifiedKernel(parsePortableExecutable(unifiedKernel)).extendsInitrd) {
    gaps.push({ layer: 'initrd', pcr: 9, reason: 'systemd-stub adds files of its own to the initrd' });
  }
  return gaps;
}

interface Boot extends BootPlan {
  readonly images: readonly PortableExecutable[];
  readonly shim: ShimContents | undefined;
}

function checkPlan({ loaders, grub, unifiedKernel, keepAuthoritiesOf, phases, secureBoot }: BootPlan): void {
  const fail = (problem: string): never => {
    throw new MalformedError('PREDICTION_PLAN_INVALID', problem);
  };
  const started = [grub, unifiedKernel, keepAuthoritiesOf].filter((each) => each !== undefined).length;
  if (started === 0) fail('nothing is started: no kernel, no unified kernel image, no log');
  if (started > 1) fail('GRUB, a unified kernel image, and a log without binaries exclude each other');
  if (grub !== undefined && loaders.length === 0) fail('GRUB itself is missing');
  if (keepAuthoritiesOf !== undefined && (loaders.length > 0 || secureBoot === undefined)) fail('a log or binaries');
  if (unifiedKernel === undefined && phases !== undefined && phases.length > 0)
    fail('phases need a unified kernel image');
}

/** PCR 4 for each image, and who admitted it: firmware the first, shim those after it. */
function measureImages(boot: Boot): readonly EventToEncode[] {
  return boot.images.flatMap((image, index) => {
    const what = index < boot.loaders.length ? `loader ${index + 1}` : 'the unified kernel image';
    const admitted = [
      ...measureAuthority({ image, what }, boot, index === 0 ? undefined : boot.shim),
      measureImage(image, boot.banks),
    ];
    return index === 0 ? [...admitted, ...measureShim(boot)] : admitted;
  });
}

function measureShim({ shim, secureBoot }: Boot): readonly EventToEncode[] {
  if (secureBoot === undefined || shim === undefined) return [];
  const data = secureBoot.enabled ? shim.sbatLevel : sbatOriginal;
  return [...measureMokLists(shim), authority(guids.shimLock, 'SbatLevel', data)];
}

function measureAuthority(
  { image, what }: { readonly image: PortableExecutable; readonly what: string },
  { secureBoot }: BootPlan,
  shim: ShimContents | undefined,
): readonly EventToEncode[] {
  if (secureBoot?.enabled !== true) return [];
  requireAllowed(image, parseDatabase(valueOf(secureBoot, 'dbx')), what);
  const find = (database: SignatureDatabase): Uint8Array | undefined => {
    const entry = findAuthority(image, database);
    return entry && encodeAuthority(entry);
  };
  const byDatabase = find(parseDatabase(valueOf(secureBoot, 'db')));
  if (byDatabase !== undefined) return [authority(guids.imageSecurityDatabase, 'db', byDatabase)];
  const byVendor = shim && find(parseDatabase(shim.mokList));
  if (byVendor !== undefined) return [authority(guids.shimLock, 'MokListRT', byVendor)];
  throw new VerificationError(
    'PREDICTION_AUTHORITY_UNKNOWN',
    `no certificate of db${shim ? ' or shim' : ''} leads to the signer of ${what} (signed by ${describeSigners(image)})`,
  );
}

/** Firmware measures an authority once, whatever it admits; so does shim, which does not know what firmware did.
 * `shimAuthority`: where the authority of shim itself stands, the last that firmware asks; undefined without shim. */
function withoutRepeats(events: readonly EventToEncode[], shimAuthority: number | undefined): readonly EventToEncode[] {
  const isAuthority = ({ type }: EventToEncode): boolean => type === eventTypes.EV_EFI_VARIABLE_AUTHORITY;
  return events.filter((event, position) => {
    const isByShim = shimAuthority !== undefined && position > shimAuthority;
    const earlier = events.slice(isByShim ? shimAuthority + 1 : 0, position);
    return !isAuthority(event) || !earlier.some((each) => isAuthority(each) && bytesEqual(each.data, event.data));
  });
}

function measureImage(image: PortableExecutable, banks: readonly HashAlgorithm[]): EventToEncode {
  // EFI_IMAGE_LOAD_EVENT: address and device path are the machine's; no digest covers any of it.
  const length = encodeUnsigned(image.bytes.length, 8).reverse();
  const data = concatBytes(new Uint8Array(8), length, new Uint8Array(16));
  const digests = new Map(banks.map((bank) => [bank, authenticodeDigest(image, bank)]));
  return { pcr: 4, type: eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION, data, digests };
}

function measureGrubBoot(boot: Boot): readonly EventToEncode[] {
  const { grub, images, secureBoot, banks, shim } = boot;
  const binary = images.at(-1);
  if (grub === undefined || binary === undefined) return [];
  const release = readGrubRelease(binary);
  const kernel = parsePortableExecutable(grub.kernel);
  const measured = measureImage(kernel, banks);
  const measurements = Array.from({ length: release.kernelVerifications }, () => measured);
  const verified = [...measureAuthority({ image: kernel, what: 'the kernel' }, boot, shim), ...measurements];
  return measureGrub({ ...grub, release, kernelEvents: secureBoot?.enabled === false ? [] : verified });
}

function measureUnifiedBoot({ images, unifiedKernel }: Boot): readonly EventToEncode[] {
  const image = images.at(-1);
  if (unifiedKernel === undefined || image === undefined) return [];
  const kernel = readUnifiedKernel(image);
  const { commandLine } = kernel;
  if (commandLine === undefined) {
    throw new MalformedError('PREDICTION_PLAN_INVALID', 'the image has no command line: the boot loader decides it');
  }
  const byLoader = images.slice(0, -1).some(isSystemdBoot) ? [measureLoaderCommandLine(commandLine)] : [];
  return [...byLoader, ...measureSections(kernel), ...measureLinuxStub(`${commandLine}\0`, kernel.initrd)];
}

function authority(guid: string, name: string, data: Uint8Array): EventToEncode {
  const variable = encodeUefiVariable({ guid, name, data });
  return { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_AUTHORITY, data: variable };
}
