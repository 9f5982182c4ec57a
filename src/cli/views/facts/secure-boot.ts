// Secure Boot and its keys, for people.
import { encodeHex, printable } from '../../../core/encoding/index.ts';
import {
  nameOfSubject,
  type BootFacts,
  type Fact,
  type KeyCertificate,
  type SignatureDatabase,
} from '../../../core/event-log/index.ts';
import type { Tone } from '../../terminal.ts';
import { unproven, type FactGroup, type FactLine } from './line.ts';
import type { Revocations } from './revocations.ts';

export function secureBootGroup(facts: BootFacts): FactGroup {
  return {
    title: 'Secure Boot',
    lines: [
      stateLine(facts.secureBoot),
      facts.secureBootMode
        ? { event: facts.secureBootMode.event, label: 'mode', text: facts.secureBootMode.value }
        : unproven('mode', 'this firmware does not measure it'),
      ...shimLines(facts.shim),
      debugLine(facts.debugMode),
      dmaLine(facts.dmaProtection),
      ...unreadLines(facts.unreadSecureBootEvents),
    ],
  };
}

function stateLine({ value, event }: BootFacts['secureBoot']): FactLine {
  if (value === 'unknown')
    return { ...unproven('state', 'no readable SecureBoot variable before the separator'), event };
  return { event, label: 'state', text: value, tone: value === 'enabled' ? 'good' : 'bad' };
}

function shimLines({ mokSbState, sbatLevel, mokLists }: BootFacts['shim']): readonly FactLine[] {
  const sayings: Readonly<Record<typeof mokSbState.value, readonly [string, Tone?]>> = {
    enabled: ['validation is on', 'good'],
    disabled: ['validation is switched off (MokSBState)', 'bad'],
    'not-reported': ['validation not reported to be off'],
    unknown: [
      `unproven: ${mokSbState.event === undefined ? 'PCR 7 has no separator' : 'this may be MokSBState'}`,
      'warn',
    ],
  };
  const [text, tone] = sayings[mokSbState.value];
  const levels = Object.entries(sbatLevel?.value.generations ?? {}).map(([name, least]) => `${name} ${least}`);
  const named = mokLists.filter(({ value }) => value.untrustedName !== '');
  const [first] = named;
  return [
    { event: mokSbState.event, label: 'shim', text, ...(tone ? { tone } : {}) },
    sbatLevel
      ? { event: sbatLevel.event, label: 'SBAT level', text: [sbatLevel.value.date, ...levels].join(', ') }
      : unproven('SBAT level', 'no shim measured one'),
    ...(first ? [{ event: first.event, label: 'MOK lists', text: describeMokLists(named) }] : []),
  ];
}

function describeMokLists(lists: BootFacts['shim']['mokLists']): string {
  const names = lists.map(({ value: { untrustedName } }) => printable(untrustedName, 40));
  return `${names.join(', ')} (names are claims of the log)`;
}

function debugLine({ value, event }: BootFacts['debugMode']): FactLine {
  if (value === 'unknown') return unproven('debug mode', 'PCR 7 has no separator');
  return value ? { event, label: 'debug mode', text: 'present', tone: 'bad' } : { label: 'debug mode', text: 'absent' };
}

function dmaLine({ value, event }: BootFacts['dmaProtection']): FactLine {
  if (value === 'unknown') return unproven('DMA protection', 'PCR 7 has no separator');
  if (value === 'not-reported') return { label: 'DMA protection', text: 'not reported to be off' };
  const text = value === 'disabled' ? 'switched off' : 'Thunderbolt lets every device in';
  return { event, label: 'DMA protection', text, tone: 'bad' };
}

function unreadLines([first, ...more]: readonly number[]): readonly FactLine[] {
  if (first === undefined) return [];
  const text = `${more.length + 1} of PCR 7: what was measured is not in the log`;
  return [{ event: first, label: 'unread events', text, tone: 'warn' }];
}

export function keysGroup(
  facts: BootFacts,
  certificates: readonly Fact<KeyCertificate>[],
  { revocations, now }: { readonly revocations: Revocations; readonly now: Date },
): FactGroup {
  const { PK, KEK, db } = facts.signatureDatabases;
  const lists = { PK, KEK, db };
  const keyLines = Object.entries(lists).flatMap(([name, list]) => databaseLines(name, list, certificates, now));
  return { title: 'Keys', lines: [...keyLines, ...testKeyLines(facts), ...dbxLines(facts, revocations)] };
}

function databaseLines(
  name: string,
  list: Fact<SignatureDatabase> | undefined,
  certificates: readonly Fact<KeyCertificate>[],
  now: Date,
): readonly FactLine[] {
  if (list === undefined) return [unproven(name, 'not measured as signature lists')];
  const { event } = list;
  const named = certificates
    .filter(({ value }) => value.database === name)
    .map(({ value }) => ({ event, label: name, text: describeCertificate(value, now) }));
  const others = list.value.entries.length - named.length;
  if (named.length + others === 0) return [{ event, label: name, text: 'empty', tone: 'warn' }];
  return [...named, ...(others > 0 ? [{ event, label: name, text: `${others} without a readable certificate` }] : [])];
}

/** Firmware does not look at the dates; whoever plans the next keys does. */
function describeCertificate({ subject, notAfter }: KeyCertificate, now: Date): string {
  const day = notAfter.toISOString().slice(0, 10);
  return `${nameOfSubject(subject)}, ${notAfter < now ? 'expired' : 'until'} ${day}`;
}

function testKeyLines({ testKeys, signatureDatabases }: BootFacts): readonly FactLine[] {
  if (testKeys === undefined) return [unproven('test keys', 'PK, KEK or db is not known')];
  if (testKeys.length === 0) {
    return Object.keys(signatureDatabases).length === 0 ? [] : [{ label: 'test keys', text: 'none', tone: 'good' }];
  }
  return testKeys.map(({ value: { database, sha256 }, event }) => {
    const text = `${database} holds one that must not be shipped, SHA-256 ${encodeHex(sha256.value).slice(0, 16)}`;
    return { event, label: 'test keys', text, tone: 'bad' };
  });
}

function dbxLines({ signatureDatabases: { dbx } }: BootFacts, { list, missing }: Revocations): readonly FactLine[] {
  if (dbx === undefined) return [unproven('dbx', 'not measured as signature lists')];
  const { entries } = dbx.value;
  const certificates = entries.filter(({ type }) => type === 'x509').length;
  const count = `${entries.length - certificates} revoked by digest${certificates === 0 ? '' : `, ${certificates} by certificate`}`;
  const lacking = missing?.length ?? 0;
  const currency = lacking === 0 ? `has all of ${list}` : `lacks ${lacking} of ${list}`;
  return [
    { event: dbx.event, label: 'dbx', text: count },
    { event: dbx.event, label: '', text: currency, tone: lacking === 0 ? 'good' : 'warn' },
  ];
}
