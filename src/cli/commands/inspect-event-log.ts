// `touchstone inspect event-log`: a boot log as a timeline by PCR, and in what it differs from another.
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../../core/crypto/index.ts';
import {
  annotateEventLog,
  appendUserspaceLog,
  banksByStrength,
  diffEventLogs,
  parseEventLog,
  parseUserspaceLog,
  readClaimedFacts,
  replayEventLog,
  replayForeignBank,
  typeNameOf,
  type AnnotatedLog,
  type ClaimedEventLog,
  type ClaimedUserspaceLog,
} from '../../core/event-log/index.ts';
import { misuse } from '../errors.ts';
import { formatChanges } from '../views/changes-view.ts';
import { formatEventLog } from '../views/event-log-view.ts';
import { readRevocations } from '../views/facts/revocations.ts';
import { describeBootFacts, formatBootFacts } from '../views/facts/view.ts';
import { parseInput } from '../files.ts';
import { toJson } from '../json.ts';
import type { Report } from '../report.ts';

export interface InspectEventLogOptions {
  readonly bank?: string;
  readonly pcr?: readonly string[];
  readonly diff?: string;
  /** A list to hold dbx against; the shipped one unless named. */
  readonly revocations?: string;
  readonly userspaceLog?: string;
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID; AttestationError of the logs */
export function inspectEventLog(file: string, options: InspectEventLogOptions, now: Date): Report {
  const bank = readBank(options.bank);
  const pcrs = options.pcr?.map(readPcr);
  const beside = [options.pcr, options.userspaceLog, options.revocations];
  if (options.diff !== undefined && beside.some((option) => option !== undefined)) {
    throw misuse(
      '--diff says all that changed between two boot logs: without --pcr, --userspace-log and --revocations',
    );
  }
  const firmware = parseInput(file, parseEventLog);
  if (options.diff !== undefined) return diffReport(firmware, options.diff, bank);
  const userspace = readUserspaceLog(options.userspaceLog);
  const log = userspace === undefined ? firmware : appendUserspaceLog(firmware, userspace);
  const annotated = annotateEventLog(log, bank);
  const firstRecord = firmware.events.length;
  const revocations = readRevocations(options.revocations);
  const view = { log: annotated, facts: readClaimedFacts(annotated), revocations, now };
  return {
    data: {
      ...describeLog(log, annotated),
      events: describeEvents(log, annotated, pcrs),
      ...(userspace === undefined ? {} : { userspace: describeUserspace(userspace, firstRecord) }),
      facts: describeBootFacts(view),
    },
    lines: (paper) =>
      formatEventLog(paper, { log, annotated, userspace, firstRecord, pcrs, facts: formatBootFacts(paper, view) }),
  };
}

/** @throws CliError CLI_FILE_*; MalformedError EVENT_LOG_USERSPACE_* */
export function readUserspaceLog(path: string | undefined): ClaimedUserspaceLog | undefined {
  return path === undefined ? undefined : parseInput(path, parseUserspaceLog);
}

/** In the bank that was asked for, or in the strongest that both logs have whole. */
function diffReport(log: ClaimedEventLog, otherFile: string, bank: HashAlgorithm | undefined): Report {
  const other = parseInput(otherFile, parseEventLog);
  const shared = bank ?? banksByStrength.find((name) => log.banks.includes(name) && other.banks.includes(name));
  const [before, after] = [annotateEventLog(log, shared), annotateEventLog(other, shared)];
  const changes = diffEventLogs(before, after);
  return { data: { bank: before.bank, changes: toJson(changes) }, lines: (paper) => formatChanges(paper, changes) };
}

function describeLog(log: ClaimedEventLog, { quirks }: AnnotatedLog): Record<string, unknown> {
  const replayed = Object.fromEntries([
    ...log.banks.map((bank) => [bank, toJson(replayEventLog(log, bank))]),
    ...log.foreignBanks.map((bank) => [bank, toJson(replayForeignBank(log, bank))]),
  ]) as Record<string, unknown>;
  return {
    format: log.format,
    registers: log.registers,
    banks: log.banks,
    foreignBanks: log.foreignBanks,
    startupLocality: log.startupLocality ?? null,
    specId: toJson(log.specId),
    quirks: toJson(quirks),
    replayed,
  };
}

function describeEvents(log: ClaimedEventLog, annotated: AnnotatedLog, pcrs: readonly number[] | undefined): unknown[] {
  const read = new Map(annotated.events.map((event) => [event.index, event]));
  return log.events
    .filter(({ pcr }) => pcrs?.includes(pcr) ?? true)
    .map((event) => {
      const found = read.get(event.index);
      return {
        index: event.index,
        pcr: event.pcr,
        untrustedType: event.untrustedType,
        untrustedTypeName: printable(typeNameOf(event)),
        digests: toJson(event.digests),
        extended: found !== undefined,
        dataBound: found?.dataBound ?? false,
        layer: found?.layer ?? null,
        untrustedOrigin: found?.untrustedOrigin ?? null,
        description: found?.description ?? null,
        measurement: toJson(found?.measurement ?? null),
        decoded: toJson(found?.decoded ?? null),
        untrustedData: encodeHex(event.untrustedData),
        untrustedContent: toJson(event.userspace ?? null),
      };
    });
}

/** Records of NV indices are no events: no PCR follows from them. */
function describeUserspace({ records }: ClaimedUserspaceLog, first: number): unknown {
  const nvRecords = records.filter(({ register }) => register.kind === 'nv');
  return {
    records: records.length,
    nvRecords: nvRecords.map(({ index, register, digests, untrustedContent }) => ({
      index: first + index,
      nvIndex: register.index,
      digests: toJson(digests),
      untrustedContent: toJson(untrustedContent),
    })),
  };
}

function readBank(name: string | undefined): HashAlgorithm | undefined {
  if (name === undefined || isHashAlgorithm(name)) return name;
  throw misuse('--bank must be sha1, sha256, sha384 or sha512');
}

function readPcr(text: string): number {
  if (/^(?:1?\d|2[0-3])$/.test(text)) return Number(text);
  throw misuse('--pcr must list register numbers from 0 to 23, e.g. 4,7,8');
}
