// What ran, in the order of the log, and which authority let it run.
//
// The images and the authorities are digests of attested registers. Which authority stands before which image is the
// order between two registers, which nothing attests: so it is told to people as the log tells it, and no check rests on
// it. What is proven: no other authority than those listed let anything run.
import type { Digest } from '../../crypto/index.ts';
import { bounds } from '../bounds.ts';
import type { BootFacts, Fact } from './facts.ts';
import { guids } from '../uefi/guid.ts';
import type { AnnotatedLog, BoundEvent } from '../replayed-log.ts';
import { tags } from '../events/tagged-event.ts';

/** Told from what was measured next, else from labels. */
export type BootImageRole =
  | 'driver'
  | 'shim'
  | 'grub'
  | 'systemd-boot'
  | 'windows-boot-manager'
  | 'boot-loader'
  | 'unified-kernel-image'
  | 'kernel';

/** An image that ran: its digest is bound, the rest is what the log says of it. */
export interface BootChainLink {
  readonly image: Digest;
  readonly pcr: number;
  readonly untrustedPath: string;
  readonly untrustedRole: BootImageRole;
  /** Events of the authorities that may have let it run: those measured just before it; where there are none, the earlier ones (the first
   * `bounds.bootAuthorities`), since an authority is measured only once. */
  readonly untrustedAuthorities: readonly number[];
}

/** The EFI images in the order in which they were started: each with the authorities that firmware or shim found for it. */
export function readBootChain({ events }: AnnotatedLog, facts: BootFacts): readonly Fact<BootChainLink>[] {
  const images = new Map([...facts.drivers, ...facts.bootApplications].map(({ value, event }) => [event, value]));
  const authorities = new Set(facts.authorities.map(({ event }) => event));
  const sections = new Set(facts.unifiedKernelImage.map(({ event }) => event));
  const started: StartedImage[] = [];
  const earlier: number[] = [];
  let fresh: number[] = [];
  for (const event of events.filter(({ untrustedOrigin }) => untrustedOrigin !== 'userspace')) {
    const image = images.get(event.index);
    const last = started.at(-1);
    if (image !== undefined) {
      started.push({ event, image, fresh, earlier: [...earlier], traces: new Set() });
      fresh = [];
    } else if (authorities.has(event.index)) {
      if (earlier.length < bounds.bootAuthorities) earlier.push(event.index);
      // Shims before 15.3 measure the image first.
      const isOfLast = last !== undefined && last.fresh.length === 0 && last.traces.size === 0;
      (isOfLast ? last.fresh : fresh).push(event.index);
    }
    const trace = image === undefined ? traceOf(event, sections) : undefined;
    if (trace !== undefined) last?.traces.add(trace);
  }
  return started.map(describeImage);
}

interface StartedImage {
  readonly event: BoundEvent;
  readonly image: Digest;
  readonly fresh: number[];
  readonly earlier: readonly number[];
  /** What it measured while it ran. */
  readonly traces: Set<BootImageRole | 'other'>;
}

function describeImage({ event, image, fresh, earlier, traces }: StartedImage): Fact<BootChainLink> {
  const { pcr, decoded, index } = event;
  const untrustedPath = decoded?.kind === 'image' ? decoded.devicePath : '';
  const untrustedAuthorities = fresh.length > 0 ? fresh : earlier;
  const untrustedRole = readRole(event, traces);
  return { value: { image, pcr, untrustedPath, untrustedRole, untrustedAuthorities }, event: index };
}

const tellingTraces = ['unified-kernel-image', 'shim', 'systemd-boot', 'windows-boot-manager'] as const;

function readRole({ pcr, layer }: BoundEvent, traces: StartedImage['traces']): BootImageRole {
  if (pcr === 2) return 'driver';
  const found = tellingTraces.find((role) => traces.has(role));
  if (found !== undefined) return found;
  if (layer === 'kernel') return 'kernel';
  return traces.has('grub') ? 'grub' : 'boot-loader';
}

function traceOf(
  { index, pcr, decoded }: BoundEvent,
  sections: ReadonlySet<number | undefined>,
): BootImageRole | 'other' {
  if (sections.has(index)) return 'unified-kernel-image';
  if (decoded?.kind === 'ipl' && pcr === 14 && decoded.source === 'shim') return 'shim';
  if (decoded?.kind === 'ipl' && pcr === 8 && decoded.source === 'grub') return 'grub';
  if (decoded?.kind === 'tagged' && decoded.tag === tags.loaderConfiguration) return 'systemd-boot';
  if (decoded?.kind === 'windows') return 'windows-boot-manager';
  const isShims = decoded?.kind === 'uefi-variable' && decoded.guid === guids.shimLock && decoded.name === 'SbatLevel';
  return isShims ? 'shim' : 'other';
}
