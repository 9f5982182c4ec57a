// What PCR 0 starts from. [TPM2-P1 §34], [TCG-PFP §10.4.5.3]
//
// The record is EV_NO_ACTION: nothing binds it. It is believed only where it can be true, and then the replay of PCR 0 proves it or not.
// Every other record that claims an initial value is ignored, and a quirk says so. [PEERS T31]
import { counted } from '../../encoding/index.ts';
import { eventTypes } from '../events/event-types.table.ts';
import type { AppliedQuirk, LogEvent, StartupLocality } from '../claimed-log.ts';
import { decodeAscii } from '../events/text.ts';

const signature = 'StartupLocality\0';

export interface StartupClaim {
  readonly startupLocality: StartupLocality | undefined;
  readonly quirks: readonly AppliedQuirk[];
}

export function readStartupLocality(events: readonly LogEvent[]): StartupClaim {
  const firstExtend = events.find(({ pcr, untrustedType }) => pcr === 0 && untrustedType !== eventTypes.EV_NO_ACTION);
  const claims = events.filter(isStartupLocality);
  const legal = claims.find((event) => isLegal(event, firstExtend?.index ?? Infinity));
  const hasHcrtm = firstExtend?.untrustedType === eventTypes.EV_EFI_HCRTM_EVENT;
  const ignored = claims.filter((event) => event !== legal);
  const quirks = ignored[0] ? [describeIgnored(ignored.length, ignored[0].index)] : [];
  // An H-CRTM sequence before startup leaves PCR 0 at 4, and the locality of startup no longer matters.
  if (hasHcrtm) return { startupLocality: 4, quirks };
  return { startupLocality: legal && localityOf(legal), quirks };
}

function describeIgnored(count: number, event: number): AppliedQuirk {
  const detail = `${counted(count, 'StartupLocality record')} misplaced, repeated or impossible`;
  return { id: 'startup-locality-ignored', detail, event };
}

function isStartupLocality({ untrustedType, untrustedData }: LogEvent): boolean {
  if (untrustedType !== eventTypes.EV_NO_ACTION) return false;
  return decodeAscii(untrustedData.subarray(0, signature.length)) === signature;
}

function isLegal(event: LogEvent, firstExtend: number): boolean {
  return event.pcr === 0 && event.index < firstExtend && localityOf(event) !== undefined;
}

function localityOf({ untrustedData }: LogEvent): StartupLocality | undefined {
  const value = untrustedData[signature.length];
  if (untrustedData.length !== signature.length + 1) return undefined;
  return value === 0 || value === 3 || value === 4 ? value : undefined;
}
