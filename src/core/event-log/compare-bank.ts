// One bank of a log held against the attested values of that bank.
import { equalInConstantTime, type HashAlgorithm } from '../crypto/index.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { AppliedQuirk, ClaimedEventLog, StartupLocality } from './claimed-log.ts';
import { unloggedEndings } from './exit-boot-services.ts';
import { isExtended } from './parse-event-log.ts';
import { extendAll, initialValue, replayFrom, untouchedValue } from './replay.ts';
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
  const start = findStart(log, bank, attested);
  const replayed = new Map(replayFrom(log, bank, start.startupLocality ?? 0));
  const ending = findEnding(log, bank, { led: replayed.get(5), value: attested.get(5) });
  if (ending) replayed.set(5, ending.value);
  const statuses = new Map(
    [...attested].map(([pcr, value]) => [pcr, statusOf(replayed.get(pcr), value, untouchedValue(pcr, bank))] as const),
  );
  return { bank, attested, replayed, statuses, ...start, quirks: [...start.quirks, ...(ending?.quirks ?? [])] };
}

function statusOf(replayed: Uint8Array | undefined, attested: Uint8Array, untouched: Uint8Array): PcrStatus {
  if (replayed !== undefined) return equalInConstantTime(replayed, attested) ? 'bound' : 'mismatch';
  return equalInConstantTime(untouched, attested) ? 'bound' : 'unlogged';
}

/** What PCR 0 started from when the log does not say, or says it wrongly: the attested value decides. */
function findStart(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  attested: PcrValues,
): Pick<BankComparison, 'startupLocality' | 'quirks'> {
  const claimed = log.startupLocality ?? 0;
  const value = attested.get(0);
  const leadsThere = (locality: StartupLocality): boolean => {
    const replayed = replayFrom(log, bank, locality).get(0);
    return value !== undefined && replayed !== undefined && equalInConstantTime(replayed, value);
  };
  const found = leadsThere(claimed) ? undefined : ([0, 3, 4] as const).find(leadsThere);
  if (found === undefined) return { startupLocality: log.startupLocality, quirks: [] };
  const detail = `PCR 0 started from ${found}; the log says ${log.startupLocality ?? 'nothing'}`;
  return { startupLocality: found, quirks: [{ id: 'startup-locality-found', detail }] };
}

/** The end of boot services stands between what firmware logged and what the running system measured. */
function findEnding(
  log: ClaimedEventLog,
  bank: HashAlgorithm,
  { led, value }: { readonly led: Uint8Array | undefined; readonly value: Uint8Array | undefined },
): { readonly value: Uint8Array; readonly quirks: readonly AppliedQuirk[] } | undefined {
  if (led === undefined || value === undefined || equalInConstantTime(led, value)) return undefined;
  const events = log.events.filter((event) => event.pcr === 5 && isExtended(event));
  const digestsOf = (isLater: boolean): readonly Uint8Array[] =>
    events
      .filter(({ userspace }) => (userspace !== undefined) === isLater)
      .flatMap(({ digests }) => digests.get(bank) ?? []);
  const [logged, later] = [digestsOf(false), digestsOf(true)];
  const ending = unloggedEndings(bank, extendAll(bank, initialValue(5, bank, 0), logged)).find((end) =>
    equalInConstantTime(extendAll(bank, end.value, later), value),
  );
  if (!ending) return undefined;
  const detail = `PCR 5 ends with Exit Boot Services: ${ending.steps.join(', ')}`;
  return { value, quirks: [{ id: 'exit-boot-services-unlogged', detail }] };
}
