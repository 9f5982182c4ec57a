// What a difference probably was, in words an operator understands at night. Never decides anything.
import { encodeHex } from '../encoding/index.ts';
import type { BoundEvent, Layer, ReplayedLog } from '../event-log/index.ts';
import type { Difference } from './compare.ts';
import { explainCommandLine, nameCommandLine } from './explain-command-line.ts';
import { explainSecureBoot } from './explain-secure-boot.ts';
import type { Divergence, DivergenceKind, DivergenceSide } from './layer-match.ts';

/** The difference that says most: a register that is not proved at all, else the earliest whose bytes we can read. */
export function explainDifferences(layer: Layer, differences: readonly Difference[], log: ReplayedLog): Divergence {
  const [first] = differences
    .map(nameCommandLine)
    .sort((left, right) => rankOf(left) - rankOf(right) || left.pcr - right.pcr);
  if (first === undefined) throw new TypeError('no difference to explain');
  const { kind, pcr } = first;
  const expected = expectedSide(first, log);
  const observed = observedSide(first, log);
  return {
    kind,
    pcr,
    ...(first.observed === undefined ? {} : { event: first.observed.index }),
    ...(expected === undefined ? {} : { expected }),
    ...(observed === undefined ? {} : { observed }),
    explanation: explainDifference(layer, first, log),
  };
}

function rankOf({ kind, observed }: Difference): number {
  if (kind === 'bank-missing' || kind.startsWith('pcr-')) return 0;
  if (observed === undefined) return Number.MAX_SAFE_INTEGER;
  return (observed.dataBound ? 1 : 1e9) + observed.index;
}

const byKind: Readonly<Partial<Record<DivergenceKind, (difference: Difference, log: ReplayedLog) => string>>> = {
  'bank-missing': (_, { bank }) => `The golden measurement has no ${bank} values: capture the layer again in that bank`,
  'pcr-value': ({ pcr }) => `PCR ${pcr} has another value, and the golden measurement lists no events to tell why`,
  'pcr-not-attested': ({ pcr }) => `The quote does not cover PCR ${pcr}`,
  'pcr-mismatch': ({ pcr }) => `The event log does not lead to the value of PCR ${pcr}: it is incomplete or forged`,
  'pcr-unlogged': ({ pcr }) => `PCR ${pcr} was extended, and the event log says nothing of it`,
  'event-missing': () => 'The boot left out a measurement that the golden measurement expects',
  'events-reordered': () => 'The same measurements were made in another order',
};

function explainDifference(layer: Layer, difference: Difference, log: ReplayedLog): string {
  const general = byKind[difference.kind]?.(difference, log);
  if (general !== undefined) return general;
  const { observed } = difference;
  const particular = observed === undefined ? undefined : explainEvent(layer, difference, observed);
  if (particular !== undefined) return particular;
  return difference.kind === 'event-extra'
    ? 'The boot made a measurement that the golden measurement does not have'
    : 'Another measurement was made in the place of the expected one';
}

function explainEvent(layer: Layer, difference: Difference, observed: BoundEvent): string | undefined {
  const isExtra = difference.kind === 'event-extra';
  switch (layer) {
    case 'firmware':
      return explainFirmware(difference, observed);
    case 'secure-boot':
      return explainSecureBoot(observed, isExtra);
    case 'boot-loader':
      if (observed.pcr !== 4) return 'A file that the boot loader read was changed';
      return isExtra ? 'A further boot loader was started' : 'A boot loader was replaced: an update, or a foreign one';
    case 'kernel':
      if (observed.pcr === 11) {
        return isExtra
          ? 'The host booted a unified kernel image that the golden measurement does not have'
          : 'The unified kernel image was rebuilt or replaced';
      }
      return isExtra ? 'A further kernel image was started' : 'The kernel was replaced: an update, or a foreign one';
    case 'kernel-command-line':
      return explainCommandLine(difference, observed);
    case 'initrd':
      return isExtra ? 'A further initrd was loaded' : 'The initrd was rebuilt or changed';
    case 'runtime':
    case 'confidential-guest':
      return undefined;
  }
}

function explainFirmware({ kind, pcr }: Difference, observed: BoundEvent): string {
  if (pcr === 2) {
    const what =
      kind === 'event-extra' ? 'An unknown option ROM or driver was loaded' : 'An option ROM or driver was replaced';
    return `${what}: a new or updated device card, or an implant`;
  }
  if (observed.decoded?.kind === 'firmware-version')
    return 'The firmware has another version: it was updated or replaced';
  return 'The firmware code was changed: an update, a setting that alters it, or a foreign image';
}

function expectedSide({ expected }: Difference, { bank }: ReplayedLog): DivergenceSide | undefined {
  const digest = expected?.digests.get(bank);
  if (expected === undefined || digest === undefined) return undefined;
  const description = 'description' in expected ? expected.description : `value of PCR ${expected.pcr}`;
  return { digest: encodeHex(digest), description };
}

function observedSide({ kind, pcr, observed }: Difference, log: ReplayedLog): DivergenceSide | undefined {
  if (observed !== undefined) {
    return { digest: encodeHex(observed.digest.value), description: observed.description };
  }
  const attested = log.attested.get(pcr);
  if (!kind.startsWith('pcr-') || attested === undefined) return undefined;
  return { digest: encodeHex(attested), description: `value of PCR ${pcr}` };
}
