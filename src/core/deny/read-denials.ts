// What of a boot the lists in force deny. A golden measurement asks whether something is there, a deny list whether it is absent: so a host
// that lies wants to hide something.
//
// - The type, path and text of an event can be rewritten, so none of them is read. A measurement is sought by its digest, in every
//   register that the replay leads to; a firmware version by the digests that its text would have, so that taking the text out of
//   the log does not help.
// - Where something could be hidden all the same, the host is denied unless bound bytes show that it is not there: a register that the
//   log does not lead to, an event of PCR 7 whose bytes are not in the log, a shim whose SBAT level cannot be read.
// - Whoever controls a host can extend anything, and so get that host denied, but no other: nothing that a host names (labels, paths,
//   certificates beside its path) is looked at.
import { hash, type HashAlgorithm } from '../crypto/index.ts';
import { encodeHex, encodeUtf8 } from '../encoding/index.ts';
import {
  encodeUtf16,
  readFacts,
  type BootFacts,
  type BoundEvent,
  type ReplayedLog,
  type SignatureEntry,
} from '../event-log/index.ts';
import { isInForceAt, type DenyRule, type DenyRules, type RuleOf } from './deny-rules.ts';

/** `listed`: it is there. `unproven`: nothing shows that it is not. */
export interface Denial {
  readonly kind: 'listed' | 'unproven';
  readonly rule: DenyRule;
  /** What was seen, or what is missing, in words. */
  readonly observed: string;
  readonly pcr?: number;
  readonly event?: number;
}

/** Registers into which firmware measures the code that it runs: where the log does not lead to one of them, anything may have run. */
const imageRegisters = [0, 2, 4] as const;

/** In the order of the lists; each entry at most once. `log` is undefined where none is proven. */
export function readBootDenials(log: ReplayedLog | undefined, rules: DenyRules, at: Date): readonly Denial[] {
  const all = [
    ...rules.measurements,
    ...rules.firmwareVersions,
    ...rules.sbat,
    ...[...rules.certificates.values()].flat(),
  ];
  const standing = all.filter((rule) => isInForceAt(rule, at));
  if (standing.length === 0) return [];
  if (log === undefined) return standing.map((rule) => unproven(rule, 'no event log that is proven'));
  const facts = readFacts(log);
  const isStanding = ({ rule }: Denial): boolean => isInForceAt(rule, at);
  return [
    ...readMeasurements(log, rules),
    ...rules.firmwareVersions.flatMap((rule) => readFirmwareVersion(log, rule)),
    ...rules.sbat.flatMap((rule) => readSbat(log, facts, rule)),
    ...readCertificates(log, facts, rules),
  ].filter(isStanding);
}

function readMeasurements({ events, bank, pcrs }: ReplayedLog, rules: DenyRules): readonly Denial[] {
  const found = new Map<DenyRule, Denial>();
  for (const event of events) {
    const { digest, pcr } = event;
    for (const rule of rules.byDigest.get(`${digest.alg}:${encodeHex(digest.value)}`) ?? []) {
      const isSought = rule.denies.pcr === undefined || rule.denies.pcr === pcr;
      if (isSought && !found.has(rule)) found.set(rule, listed(rule, event, event.description));
    }
  }
  return rules.measurements.flatMap((rule) => {
    const seen = found.get(rule);
    if (seen !== undefined) return [seen];
    const { digests, pcr } = rule.denies;
    if (!digests.has(bank)) return [unproven(rule, `a log in ${bank}, in which the entry has no digest`)];
    const dark = (pcr === undefined ? imageRegisters : [pcr]).find((register) => pcrs.get(register) !== 'bound');
    return dark === undefined ? [] : [unproven(rule, `a log that does not lead to PCR ${dark}`, dark)];
  });
}

function readFirmwareVersion({ events, bank, pcrs }: ReplayedLog, rule: RuleOf<'firmware-version'>): readonly Denial[] {
  const spellings = new Set(digestsOfText(rule.denies.version, bank));
  const event = events.find(({ pcr, digest }) => pcr === 0 && spellings.has(encodeHex(digest.value)));
  if (event !== undefined) return [listed(rule, event, `firmware version ${rule.denies.version}`)];
  return pcrs.get(0) === 'bound' ? [] : [unproven(rule, 'a log that does not lead to PCR 0', 0)];
}

/** UCS-2 as the specification asks, ASCII as some firmware does, each with its NUL or without. [TCG-PFP §10.4.1] */
function digestsOfText(text: string, bank: HashAlgorithm): readonly string[] {
  return [encodeUtf16(text), encodeUtf16(`${text}\0`), encodeUtf8(text), encodeUtf8(`${text}\0`)].map((bytes) =>
    encodeHex(hash(bank, bytes)),
  );
}

/** Shim measures its SBAT level: the least generation of each component that it lets run, not which generations ran. So a level that
 * would let a denied generation run is denied. A host is cleared by a higher level, or by a boot without shim: a shim would have
 * measured its MOK lists into PCR 14. */
function readSbat({ pcrs }: ReplayedLog, { shim }: BootFacts, rule: RuleOf<'sbat'>): readonly Denial[] {
  const { component, below } = rule.denies;
  const ranNoShim = pcrs.get(14) === 'bound' && shim.mokLists.length === 0 && shim.sbatLevel === undefined;
  if (ranNoShim) return [];
  if (shim.sbatLevel === undefined) return [unproven(rule, 'a boot whose SBAT level nobody can read', 7)];
  const { value, event } = shim.sbatLevel;
  const generation = Object.hasOwn(value.generations, component) ? (value.generations[component] ?? 0) : 0;
  if (generation >= below) return [];
  const observed = `SBAT level ${value.date}, which lets ${component} run from generation ${generation}`;
  return [{ kind: 'listed', rule, observed, pcr: 7, ...(event === undefined ? {} : { event }) }];
}

function readCertificates(log: ReplayedLog, facts: BootFacts, { certificates }: DenyRules): readonly Denial[] {
  if (certificates.size === 0) return [];
  const found = new Map<DenyRule, Denial>();
  const note = (entry: SignatureEntry | undefined, event: number | undefined, where: string): void => {
    if (entry === undefined || entry.type === 'sha256') return;
    for (const rule of certificates.get(encodeHex(entry.sha256.value)) ?? []) {
      const denial = {
        kind: 'listed',
        rule,
        observed: where,
        pcr: 7,
        ...(event === undefined ? {} : { event }),
      } as const;
      if (!found.has(rule)) found.set(rule, denial);
    }
  };
  for (const { value, event } of facts.authorities)
    note(value.signature, event, `a signature of it in ${value.source}`);
  const { PK, KEK, db } = facts.signatureDatabases;
  for (const [name, fact] of Object.entries({ PK, KEK, db })) {
    for (const entry of fact?.value.entries ?? []) note(entry, fact?.event, `the certificate in ${name}`);
  }
  const isKnown = log.pcrs.get(7) === 'bound' && facts.unreadSecureBootEvents.length === 0 && db !== undefined;
  return [...certificates.values()].flat().flatMap((rule) => {
    const seen = found.get(rule);
    if (seen !== undefined) return [seen];
    return isKnown ? [] : [unproven(rule, 'Secure Boot keys and authorities that are not all readable', 7)];
  });
}

function listed(rule: DenyRule, { index, pcr }: BoundEvent, observed: string): Denial {
  return { kind: 'listed', rule, observed, pcr, event: index };
}

function unproven(rule: DenyRule, observed: string, pcr?: number): Denial {
  return { kind: 'unproven', rule, observed, ...(pcr === undefined ? {} : { pcr }) };
}
