// PCR values from logs alone: what the boot log leads to, and the kernel's list for the PCR that IMA extends. The quote's
// digest decides whether they are right, so nothing found here is believed for where it was found.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equalInConstantTime, type HashAlgorithm } from '../../core/crypto/index.ts';
import {
  appendUserspaceLog,
  replayEventLog,
  untouchedValue,
  type ClaimedEventLog,
  type ClaimedUserspaceLog,
} from '../../core/event-log/index.ts';
import {
  kernelReplays,
  looksLikeImaText,
  parseImaList,
  parseImaText,
  replayImaPrefixes,
  type ImaList,
} from '../../core/ima/index.ts';
import { pcrDigestOf, type ClaimedPcrs, type PcrSelection } from '../../core/tpm/index.ts';
import { parseInput } from '../files.ts';

const imaPcr = 10;

export interface PcrSearch {
  readonly selections: readonly PcrSelection[];
  /** pcrDigest of the quote, and the hash that made it. */
  readonly digest: Uint8Array;
  readonly digestAlg: HashAlgorithm;
  readonly log: ClaimedEventLog;
  readonly userspace: ClaimedUserspaceLog | undefined;
  readonly imaList: ImaList | undefined;
}

/** Values that give the quoted digest, or `undefined`. IMA list and userspace log may be longer than what was quoted. */
export function searchPcrs(search: PcrSearch): ClaimedPcrs | undefined {
  const { selections, digest, digestAlg, imaList } = search;
  for (const log of withUserspacePrefixes(search)) {
    for (const pcrs of withImaPrefixes(replayedPcrs(selections, log), { log, imaList })) {
      const found = pcrDigestOf(selections, pcrs, digestAlg);
      if (found !== undefined && equalInConstantTime(found, digest)) return pcrs;
    }
  }
  return undefined;
}

/** Records that may have come after the quote: one who reads the log soon needs none, and the search must end. */
const laterRecords = 16;

/** The whole userspace log behind that of firmware, then one record less, and so on. */
function* withUserspacePrefixes({ log, userspace }: PcrSearch): Generator<ClaimedEventLog> {
  const records = userspace?.records ?? [];
  for (let left = 0; left <= Math.min(laterRecords, records.length); left += 1) {
    const kept = records.slice(0, records.length - left);
    yield kept.length === 0 ? log : appendUserspaceLog(log, { records: kept });
  }
}

/** Selected PCRs that only the kernel's list can explain. */
export function needsImaList(selections: readonly PcrSelection[], log: ClaimedEventLog): boolean {
  return selections.some(({ bank, pcrs }) => pcrs.includes(imaPcr) && !logExtends(log, bank));
}

/** The list as given, or as captures keep it: beside the boot log. */
export function readImaList(path: string | undefined, eventLogPath: string): ImaList | undefined {
  const names = ['ima_binary_runtime_measurements', 'binary_runtime_measurements'];
  const beside = names.map((name) => join(dirname(eventLogPath), name)).find((name) => existsSync(name));
  const found = path ?? (eventLogPath === '-' ? undefined : beside);
  if (found === undefined) return undefined;
  return parseInput(found, (bytes) => (looksLikeImaText(bytes) ? parseImaText(bytes) : parseImaList(bytes)));
}

function replayedPcrs(selections: readonly PcrSelection[], log: ClaimedEventLog): ClaimedPcrs {
  return new Map(
    selections.map(({ bank, pcrs }) => {
      const replayed = log.banks.includes(bank) ? replayEventLog(log, bank) : new Map<number, Uint8Array>();
      return [bank, new Map(pcrs.map((pcr) => [pcr, replayed.get(pcr) ?? untouchedValue(pcr, bank)]))] as const;
    }),
  );
}

/** The values without any IMA entry, then after each entry, in each way that kernels extend. */
function* withImaPrefixes(
  base: ClaimedPcrs,
  { imaList, log }: Pick<PcrSearch, 'log' | 'imaList'>,
): Generator<ClaimedPcrs> {
  yield base;
  if (imaList === undefined) return;
  const banks = [...base]
    .filter(([bank, values]) => values.has(imaPcr) && !logExtends(log, bank))
    .map(([bank]) => bank);
  for (const kernel of kernelReplays) {
    const runs = banks.map((bank) => ({
      bank,
      values: replayImaPrefixes({ entries: imaList.entries, pcr: imaPcr, bank, kernel }),
    }));
    const length = runs[0]?.values.length ?? 0;
    for (let index = 0; index < length; index += 1) {
      yield new Map(
        [...base].map(([bank, values]) => {
          const value = runs.find((run) => run.bank === bank)?.values[index];
          return [bank, value === undefined ? values : new Map([...values, [imaPcr, value]])] as const;
        }),
      );
    }
  }
}

function logExtends(log: ClaimedEventLog, bank: HashAlgorithm): boolean {
  return log.banks.includes(bank) && replayEventLog(log, bank).has(imaPcr);
}
