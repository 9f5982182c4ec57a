// One bank of a log held against the attested values of that bank.
import { hashChain, type HashAlgorithm } from '../crypto/index.ts';
import { bytesEqual } from '../encoding/index.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { AppliedQuirk, ClaimedEventLog, StartupLocality } from './claimed-log.ts';
import { unloggedEndings } from './exit-boot-services.ts';
import { isExtended } from './formats/parse-event-log.ts';
import { initialValue, replayFrom, untouchedValue } from './replay.ts';
import type { PcrStatus } from './replayed-log.ts';

export interface BankComparison {
  readonly bank: HashAlgorithm;
  readonly attested: PcrValues;
  readonly replayed: PcrValues;
  readonly statuses: ReadonlyMap<number, PcrStatus>;
  readonly startupLocality: StartupLocality | undefined;
  readonly quirks: readonly AppliedQuirk[];
}

export function compareBank(log: ClaimedEventLog, bank: HashAlgorithm, attested: PcrValues): BankComparison {
  const asClaimed = replayFrom(log, bank, log.startupLocality ?? 0);
  const start = findStart(log, { bank, asClaimed, attested: attested.get(0) });
  const replayed = new Map(asClaimed);
  if (start.found) replayed.set(0, start.found.value);
  const ending = findEnding(log, bank, { led: replayed.get(5), value: attested.get(5) });
  if (ending) replayed.set(5, ending.value);
  const statuses = new Map<number, PcrStatus>();
  for (const [pcr, value] of attested) statuses.set(pcr, statusOf(pcr, bank, replayed.get(pcr), value));
  const { startupLocality, quirks } = start;
  return { bank, attested, replayed, statuses, startupLocality, quirks: [...quirks, ...(ending?.quirks ?? [])] };
}

function statusOf(pcr: number, bank: HashAlgorithm, replayed: Uint8Array | undefined, attested: Uint8Array): PcrStatus {
  if (replayed !== undefined) return bytesEqual(replayed, attested) ? 'bound' : 'mismatch';
  return bytesEqual(untouchedValue(pcr, bank), attested) ? 'bound' : 'unlogged';
}

interface Start extends Pick<BankComparison, 'startupLocality' | 'quirks'> {
  /** What PCR 0 replays to from the locality that the attested value shows, where the log claims another or none. */
  readonly found?: { readonly value: Uint8Array };
}

interface StartClues {
  readonly bank: HashAlgorithm;
  readonly asClaimed: PcrValues;
  /** PCR 0. */
  readonly attested: Uint8Array | undefined;
}

/** What PCR 0 started from when the log does not say, or says it wrongly: the attested value decides. */
function findStart(log: ClaimedEventLog, { bank, asClaimed, attested }: StartClues): Start {
  const claimed: Start = { startupLocality: log.startupLocality, quirks: [] };
  const replayed = asClaimed.get(0);
  if (attested === undefined || replayed === undefined || bytesEqual(replayed, attested)) return claimed;
  for (const locality of [0, 3, 4] as const) {
    const value = replayFrom(log, bank, locality).get(0);
    if (value === undefined || !bytesEqual(value, attested)) continue;
    const detail = `PCR 0 started from ${locality}; the log says ${log.startupLocality ?? 'nothing'}`;
    return { startupLocality: locality, quirks: [{ id: 'startup-locality-found', detail }], found: { value } };
  }
  return claimed;
}

/** The end of boot services stands between what firmware logged and what the running system measured. */
function findEnding(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  { led, value }: { readonly led: Uint8Array | undefined; readonly value: Uint8Array | undefined },
): { readonly value: Uint8Array; readonly quirks: readonly AppliedQuirk[] } | undefined {
  if (led === undefined || value === undefined || bytesEqual(led, value)) return undefined;
  const events = log.events.filter((event) => event.pcr === 5 && isExtended(event));
  const digestsOf = (some: typeof events): readonly Uint8Array[] =>
    some.flatMap(({ digests }) => digests.get(bank) ?? []);
  const logged = digestsOf(events.filter(({ userspace }) => userspace === undefined));
  const later = digestsOf(events.filter(({ userspace }) => userspace !== undefined));
  const ending = unloggedEndings(bank, hashChain(bank, initialValue(5, bank, 0), logged)).find((end) =>
    bytesEqual(hashChain(bank, end.value, later), value),
  );
  if (!ending) return undefined;
  const detail = `PCR 5 ends with Exit Boot Services: ${ending.steps.join(', ')}`;
  return { value, quirks: [{ id: 'exit-boot-services-unlogged', detail }] };
}
