// Does a golden measurement accept again what another one accepted, which operators took out of force? Ids say nothing of it:
// another description, another order across PCRs or a further bank make another id, and the same boots match.
import { bytesEqual, encodeHex } from '../encoding/index.ts';
import { encodeSpki, type HashAlgorithm } from '../crypto/index.ts';
import { pcrsOfLayer } from '../event-log/index.ts';
import type { DigestSet, ExpectedFiles, GoldenStatement } from './statement.ts';

/**
 * `whole`: every boot that the ended one accepted is accepted again, in a bank that both speak.
 * `unclear`: it may be, and the statements do not tell: no bank in common, or one lists events where the other has the value
 * of the register; in layer `runtime`, a part of the files.
 * `none`: no boot matches both; in layer `runtime`, no file, key or exclusion is in both.
 */
export type Recurrence = 'whole' | 'unclear' | 'none';

/** What `proposed` brings back of `ended`. Never `none` where one boot is accepted by both. */
export function readRecurrence(proposed: GoldenStatement, ended: GoldenStatement): Recurrence {
  if (proposed.layer !== ended.layer) return 'none';
  if (proposed.ima !== undefined && ended.ima !== undefined) return recurrenceOfFiles(proposed.ima, ended.ima);
  const [spoken, before] = [banksOf(proposed), banksOf(ended)];
  if (spoken.length === 0 || before.length === 0) return 'none';
  const banks = spoken.filter((bank) => before.includes(bank));
  if (banks.length === 0) return compareRegisters(proposed, ended, () => 'unclear');
  const outcomes = banks.map((bank) => compareRegisters(proposed, ended, (left, right) => equalIn(bank, left, right)));
  return strongest(outcomes);
}

/** The banks in which a log can agree with the statement at all. */
function banksOf({ events, pcrs }: GoldenStatement): readonly HashAlgorithm[] {
  const [first, ...rest] = [...events, ...pcrs];
  return [...(first?.digests.keys() ?? [])].filter((bank) => rest.every(({ digests }) => digests.has(bank)));
}

type CompareDigests = (left: DigestSet, right: DigestSet) => Recurrence;

function compareRegisters(proposed: GoldenStatement, ended: GoldenStatement, compare: CompareDigests): Recurrence {
  const outcomes = pcrsOfLayer(proposed.layer).flatMap((pcr): readonly Recurrence[] => {
    const [left, right] = [valueOf(proposed, pcr), valueOf(ended, pcr)];
    if (left !== undefined && right !== undefined) return [compare(left, right)];
    if (left !== undefined || right !== undefined) return ['unclear'];
    const [events, before] = [eventsOf(proposed, pcr), eventsOf(ended, pcr)];
    if (events.length !== before.length) return ['none'];
    return events.map((digests, index) => compare(digests, before[index] ?? new Map()));
  });
  return weakest(outcomes);
}

function equalIn(bank: HashAlgorithm, left: DigestSet, right: DigestSet): Recurrence {
  const [one, other] = [left.get(bank), right.get(bank)];
  return one !== undefined && other !== undefined && bytesEqual(one, other) ? 'whole' : 'none';
}

function valueOf({ pcrs }: GoldenStatement, pcr: number): DigestSet | undefined {
  return pcrs.find((expected) => expected.pcr === pcr)?.digests;
}

function eventsOf({ events }: GoldenStatement, pcr: number): readonly DigestSet[] {
  return events.filter((event) => event.pcr === pcr).map(({ digests }) => digests);
}

/** Files are approved one by one: all that was, a part of it, or nothing. */
function recurrenceOfFiles(proposed: ExpectedFiles, ended: ExpectedFiles): Recurrence {
  const approved = new Set(namesOf(proposed));
  const before = namesOf(ended);
  const again = before.filter((name) => approved.has(name)).length;
  if (again === 0) return 'none';
  return again === before.length ? 'whole' : 'unclear';
}

function namesOf({ digests, signers, excludedPaths }: ExpectedFiles): readonly string[] {
  const keys = signers.map((key) => encodeHex(encodeSpki(key)));
  return [...digests.map(({ digest }) => digest), ...keys, ...excludedPaths];
}

function weakest(outcomes: readonly Recurrence[]): Recurrence {
  if (outcomes.includes('none')) return 'none';
  return outcomes.includes('unclear') ? 'unclear' : 'whole';
}

function strongest(outcomes: readonly Recurrence[]): Recurrence {
  if (outcomes.includes('whole')) return 'whole';
  return outcomes.includes('unclear') ? 'unclear' : 'none';
}
