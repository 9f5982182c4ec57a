// What a condition of a policy can read, by name: its type in CEL, what it says, and how it is read from the facts of a boot.
// A fact that no bound event proves is absent, and whatever reads it is not proven.
import { encodeHex } from '../../encoding/index.ts';
import {
  hardening,
  joinParameter,
  kernelReleaseOf,
  parseCommandLine,
  parseInitArguments,
  type BootFacts,
  type Fact,
  type SignatureDatabase,
} from '../../event-log/index.ts';
import type { FactName } from '../demands/required-facts.ts';

export type ConditionType = 'string' | 'int' | 'list<string>' | 'map<string, int>' | 'map<string, string>' | MapOfLists;
type MapOfLists = 'map<string, list<string>>';

export type ConditionValue = string | bigint | readonly string[] | Readonly<Record<string, ConditionMember>>;
type ConditionMember = string | bigint | readonly string[];

export interface ConditionFact {
  readonly type: ConditionType;
  /** The row of `facts.table.ts` that it belongs to: what proves it, and which programs it rests on, is the same. */
  readonly fact: FactName;
  readonly what: string;
  /** Of a map: the only keys there are. */
  readonly keys?: readonly string[];
  /** The only texts that it, or a member of it, can be. */
  readonly words?: readonly string[];
  /** Undefined where nothing proves it. */
  read(facts: BootFacts): Fact<ConditionValue> | undefined;
}

/** Hosts choose how much they measure: what is longer is not proven, so that a condition costs little. */
const maximumItems = 4096;

export const conditionFacts = {
  secureBoot: stateFact('secureBoot', ['enabled', 'disabled'], 'Secure Boot', ({ secureBoot }) => secureBoot),
  secureBootMode: stateFact(
    'secureBootMode',
    ['setup', 'audit', 'user', 'deployed'],
    'The mode of Secure Boot, where firmware measures it',
    ({ secureBootMode }) => secureBootMode,
  ),
  mokSbState: stateFact(
    'mokSbState',
    ['enabled', 'disabled', 'not-reported'],
    'Whether shim checks what it loads',
    ({ shim }) => shim.mokSbState,
  ),
  debugMode: stateFact('debugMode', ['present', 'absent'], 'A debugger in the firmware', ({ debugMode }) =>
    debugMode.value === 'unknown' ? undefined : { ...debugMode, value: debugMode.value ? 'present' : 'absent' },
  ),
  dmaProtection: stateFact(
    'dmaProtection',
    ['disabled', 'thunderbolt-open', 'not-reported'],
    'What the firmware said of its protection against DMA',
    ({ dmaProtection }) => dmaProtection,
  ),
  testKeys: {
    type: 'list<string>',
    fact: 'testKeys',
    what: 'Certificates that say of themselves that they must not be shipped, by SHA-256',
    read: ({ testKeys }) => testKeys && listFact(testKeys, ({ sha256 }) => encodeHex(sha256.value)),
  },
  exitBootServices: stateFact(
    'exitBootServices',
    ['success', 'failure'],
    'How the firmware handed over to the kernel',
    ({ exitBootServices: fact }) => (fact.value === 'not-logged' ? undefined : fact),
  ),
  separators: stateFact(
    'separators',
    ['complete', 'missing', 'error'],
    'Whether the firmware closed PCR 0 to 7',
    ({ separators }) => separators,
  ),
  firmwareVersion: {
    type: 'string',
    fact: 'firmwareVersion',
    what: 'The version that the firmware gives itself, where every event of PCR 0 before it shows what it measured',
    // A host that hides the version makes another text of its firmware the first: no matter where a list of versions is
    // demanded, but an expression may ask for what a version is not.
    read: ({ firmwareVersion }) => (firmwareVersion?.isFirst === true ? firmwareVersion : undefined),
  },
  sbatDate: {
    type: 'int',
    fact: 'sbatLevel',
    what: 'The date of the SBAT level as a number, YYYYMMDDnn',
    read: ({ shim: { sbatLevel } }) => sbatLevel && { value: BigInt(sbatLevel.value.date), event: sbatLevel.event },
  },
  sbatGenerations: {
    type: 'map<string, int>',
    fact: 'sbatLevel',
    what: 'The lowest generation that shim accepts, by component',
    read: ({ shim: { sbatLevel } }) => sbatLevel && mapFact(sbatLevel.value.generations, BigInt, sbatLevel.event),
  },
  dbx: {
    type: 'list<string>',
    fact: 'dbx',
    what: 'What the revocation database holds, by SHA-256',
    read: ({ signatureDatabases: { dbx } }) => dbx && { value: digestsOf(dbx.value), event: dbx.event },
  },
  signatureDatabases: {
    type: 'map<string, list<string>>',
    fact: 'signatureDatabases',
    what: 'What the key databases hold, by SHA-256; all three must be known',
    keys: ['PK', 'KEK', 'db'],
    read: ({ signatureDatabases: { PK, KEK, db } }) =>
      PK && KEK && db && mapFact({ PK: PK.value, KEK: KEK.value, db: db.value }, digestsOf, db.event),
  },
  authorities: {
    type: 'list<string>',
    fact: 'authorities',
    what: 'Certificates, or digests of images, that let something run, by SHA-256; each must be readable',
    read: ({ authorities, unreadSecureBootEvents: [unread] }) => {
      const isKnown = unread === undefined && authorities.every(({ value }) => value.signature !== undefined);
      if (!isKnown || authorities.length === 0) return undefined;
      return listFact(authorities, ({ signature }) => (signature ? encodeHex(signature.sha256.value) : ''));
    },
  },
  hardening: {
    type: 'map<string, string>',
    fact: 'hardening',
    what: 'What the kernel command line hardens, by the names below; it must be known which one booted',
    keys: Object.keys(hardening),
    words: ['on', 'off', 'default'],
    read: ({ kernelCommandLine, hardening: states }) =>
      kernelCommandLine && mapFact(states, ({ value }) => value, kernelCommandLine.event),
  },
  kernelCommandLine: {
    type: 'list<string>',
    fact: 'kernelCommandLine',
    what: 'Words of the kernel command line up to `--`, as the kernel reads them: `_` for `-` in names, without quotes',
    read: ({ kernelCommandLine: line }) =>
      line && { value: parseCommandLine(line.value).map(joinParameter), event: line.event },
  },
  initArguments: {
    type: 'list<string>',
    fact: 'kernelCommandLine',
    what: 'Words of the kernel command line after `--`, which the kernel leaves to init',
    read: ({ kernelCommandLine: line }) => line && { value: parseInitArguments(line.value), event: line.event },
  },
  kernelRelease: {
    type: 'string',
    fact: 'kernelCommandLine',
    what: 'The release in the name of the kernel file that GRUB loaded: `6.8.0-45-generic` of `/boot/vmlinuz-6.8.0-45-generic`',
    read: ({ kernelCommandLine: line }) => {
      const release = line && kernelReleaseOf(line.value);
      return release === undefined ? undefined : { value: release, event: line?.event };
    },
  },
} as const satisfies Readonly<Record<string, ConditionFact>>;

export type ConditionFacts = Readonly<Record<string, ConditionFact>>;

/** The value of a fact, if anything proves it and it is not longer than conditions read. */
export function readConditionFact(name: string, facts: BootFacts): Fact<ConditionValue> | undefined {
  const table: ConditionFacts = conditionFacts;
  const found = table[name]?.read(facts);
  return found !== undefined && sizeOf(found.value) <= maximumItems ? found : undefined;
}

function sizeOf(value: ConditionValue | ConditionMember): number {
  if (typeof value === 'bigint') return 1;
  if (typeof value === 'string') return value.length;
  const members = Array.isArray(value) ? (value as readonly string[]) : Object.values(value);
  return members.length + Math.max(0, ...members.map((member) => (typeof member === 'string' ? 0 : sizeOf(member))));
}

function stateFact(
  fact: FactName,
  words: readonly string[],
  what: string,
  read: (facts: BootFacts) => Fact<string> | undefined,
): ConditionFact {
  return {
    type: 'string',
    fact,
    what,
    words,
    read: (facts) => {
      const found = read(facts);
      return found !== undefined && words.includes(found.value) ? found : undefined;
    },
  };
}

function listFact<T>(items: readonly Fact<T>[], read: (value: T) => string): Fact<readonly string[]> {
  return { value: items.map(({ value }) => read(value)), event: items[0]?.event };
}

function mapFact<T>(
  members: Readonly<Record<string, T>>,
  read: (member: T) => ConditionMember,
  event: number | undefined,
): Fact<ConditionValue> {
  return { value: Object.fromEntries(Object.entries(members).map(([name, one]) => [name, read(one)])), event };
}

function digestsOf({ entries }: SignatureDatabase): readonly string[] {
  return entries.map(({ sha256 }) => encodeHex(sha256.value));
}
