// What systemd measures while the system runs, told from digests and from the texts that they cover. [SYSTEMD]
import { decodeUtf8, encodeUtf8 } from '../../encoding/index.ts';
import { attempt } from '../attempt.ts';
import { createDigestNames } from '../events/digest-marks.ts';
import type { BoundEvent } from '../replayed-log.ts';

/** The points of a boot that systemd extends PCR 11 with, in their order. */
export const bootPhases = ['enter-initrd', 'leave-initrd', 'sysinit', 'ready', 'shutdown', 'final'] as const;

export type BootPhase = (typeof bootPhases)[number];

export type UserspaceMeasurement =
  | { readonly kind: 'phase'; readonly phase: BootPhase }
  /** systemd 261 and later closes the PCRs of firmware and boot loaders with it, in the initrd. */
  | { readonly kind: 'os-separator' }
  | { readonly kind: 'nvpcr-separator' }
  /** The NV index that works as a further PCR; its name covers the attributes that keep it from being reset. */
  | { readonly kind: 'nvpcr-init'; readonly name: string; readonly nvIndex: number; readonly nvName: string }
  | { readonly kind: 'machine-id'; readonly machineId: string }
  | {
      readonly kind: 'file-system';
      readonly type: string;
      readonly uuid: string;
      readonly label: string;
      readonly partition: string;
      readonly partitionType: string;
      readonly partitionLabel: string;
    };

type EventToRead = Pick<BoundEvent, 'digest' | 'boundContent'>;

/** PCRs that the separator of systemd closes: systemd-pcrosseparator.service. */
const separatedPcrs = [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14];

/**
 * What an event is, if systemd made it: a constant is told by its digest, whatever is written beside it; any other by the
 * text that its digest covers. `undefined` for everything else, volume keys too: their digest is an HMAC under the key.
 */
export function readMeasurement(event: EventToRead): UserspaceMeasurement | undefined {
  return readConstant(event) ?? readText(event);
}

/**
 * Whether the running system says something with this event that no golden measurement can foresee and that changes
 * nothing of what booted: how far it is, where its own part begins, which NvPCRs it made. Such an event belongs to no
 * layer. Its text is a constant, or of a form that is neither a program nor a configuration of any loader: what was
 * loaded and reads so does nothing. And where one stands, no event of a layer may follow: `check-layer-order`.
 */
export function isSystemMark(event: Pick<BoundEvent, 'pcr' | 'digest' | 'measurement'>): boolean {
  const { pcr, digest } = event;
  switch (readConstantName(digest)) {
    case undefined:
      // Only in this PCR can a text be a mark: elsewhere its digest need not be recomputed.
      return pcr === 9 && event.measurement?.kind === 'nvpcr-init';
    case 'os-separator':
      return separatedPcrs.includes(pcr);
    case 'nvpcr-separator':
      return pcr === 9;
    default:
      return pcr === 11;
  }
}

type Constant = BootPhase | 'os-separator' | 'nvpcr-separator';

const readConstantName = createDigestNames<Constant>(
  [...bootPhases, 'os-separator' as const, 'nvpcr-separator' as const].map((text) => [text, encodeUtf8(text)]),
);

function readConstant({ digest }: EventToRead): UserspaceMeasurement | undefined {
  const name = readConstantName(digest);
  if (name === undefined) return undefined;
  return name === 'os-separator' || name === 'nvpcr-separator' ? { kind: name } : { kind: 'phase', phase: name };
}

const nvPcrPattern = /^nvpcr-init:([A-Za-z0-9][A-Za-z0-9._-]{0,63}):0x([0-9a-f]{1,8}):([0-9a-f]{44,132})$/;
const machineIdPattern = /^machine-id:([0-9a-f]{32})$/;
/** In bytes. A longer text is none of these and is not read. */
const longestText = 2048;

function readText({ boundContent }: EventToRead): UserspaceMeasurement | undefined {
  const text = boundContent === undefined || boundContent.length > longestText ? undefined : decode(boundContent);
  if (text === undefined) return undefined;
  const [, name, nvIndex, nvName] = nvPcrPattern.exec(text) ?? [];
  if (name !== undefined && nvIndex !== undefined && nvName !== undefined) {
    return { kind: 'nvpcr-init', name, nvIndex: Number.parseInt(nvIndex, 16), nvName };
  }
  const machineId = machineIdPattern.exec(text)?.[1];
  if (machineId !== undefined) return { kind: 'machine-id', machineId };
  return text.startsWith('file-system:') ? readFileSystem(text) : undefined;
}

function readFileSystem(text: string): UserspaceMeasurement | undefined {
  // A colon inside a label is escaped by systemd; a text with more parts is not read, so none can be misread.
  const [, type = '', uuid = '', label = '', partition = '', partitionType = '', partitionLabel, ...more] =
    text.split(':');
  if (partitionLabel === undefined || more.length > 0) return undefined;
  return { kind: 'file-system', type, uuid, label, partition, partitionType, partitionLabel };
}

function decode(bytes: Uint8Array): string | undefined {
  return attempt(() => decodeUtf8(bytes));
}
