// Facts of a boot. From bound bytes and digests only: no event type, path, name or order between registers is asked.
import type { BootFacts } from './facts.ts';
import { readFirmwareFacts, readFirmwareInventory } from './firmware-facts.ts';
import { readHardening } from './hardening.ts';
import { readCommandLines } from './kernel-command-line.ts';
import { readLoaderFacts } from './loader-facts.ts';
import { readRegisters, type Registers } from './register-events.ts';
import type { AnnotatedLog, ReplayedLog } from '../replayed-log.ts';
import { readSecureBootFacts, readSignatureFacts } from './secure-boot-facts.ts';
import { readShimFacts } from './shim-facts.ts';

/** Facts of a boot whose log was held against attested registers. A register that differs gives no facts. Each group of
 * facts is read when one of them is asked for: a policy demands few. */
export function readFacts(log: ReplayedLog): BootFacts {
  return new LazyFacts(readRegisters(log)) as unknown as BootFacts;
}

/** What the log of a file says, with nothing proved about any machine: for inspection only. */
export function readClaimedFacts(log: AnnotatedLog): BootFacts {
  const registers = readRegisters(log);
  return {
    ...groups.secureBoot(registers),
    ...groups.signatures(registers),
    ...groups.shim(registers),
    ...groups.firmware(registers),
    ...groups.inventory(registers),
    ...groups.loader(registers),
    ...groups.commandLine(registers),
  };
}

const groups = {
  secureBoot: readSecureBootFacts,
  signatures: readSignatureFacts,
  shim: readShimFacts,
  firmware: readFirmwareFacts,
  inventory: readFirmwareInventory,
  loader: readLoaderFacts,
  commandLine: readCommandLineFacts,
} as const;

type GroupName = keyof typeof groups;

const groupOfFact: Readonly<Record<keyof BootFacts, GroupName>> = {
  secureBoot: 'secureBoot',
  debugMode: 'secureBoot',
  dmaProtection: 'secureBoot',
  secureBootMode: 'signatures',
  signatureDatabases: 'signatures',
  testKeys: 'signatures',
  authorities: 'signatures',
  unreadSecureBootEvents: 'signatures',
  shim: 'shim',
  exitBootServices: 'firmware',
  separators: 'firmware',
  bootApplications: 'inventory',
  drivers: 'inventory',
  firmwareVersion: 'inventory',
  bootOrder: 'inventory',
  bootEntries: 'inventory',
  partitionTable: 'inventory',
  grub: 'loader',
  unifiedKernelImage: 'loader',
  loaderConfiguration: 'loader',
  initrds: 'loader',
  bootPhases: 'loader',
  kernelCommandLine: 'commandLine',
  hardening: 'commandLine',
};

class LazyFacts {
  readonly #registers: Registers;
  readonly #read = new Map<GroupName, Partial<BootFacts>>();

  constructor(registers: Registers) {
    this.#registers = registers;
  }

  read(name: keyof BootFacts): unknown {
    const group = groupOfFact[name];
    const known: Partial<BootFacts> = this.#read.get(group) ?? groups[group](this.#registers);
    this.#read.set(group, known);
    return known[name];
  }
}

// Accessors of the class and not of each object: an object literal with accessors costs the engine a hidden class each.
for (const name of Object.keys(groupOfFact) as (keyof BootFacts)[]) {
  Object.defineProperty(LazyFacts.prototype, name, {
    get(this: LazyFacts) {
      return this.read(name);
    },
  });
}

function readCommandLineFacts(registers: Registers): Pick<BootFacts, 'kernelCommandLine' | 'hardening'> {
  const commandLines = readCommandLines(registers);
  const { booted } = commandLines;
  return { ...(booted ? { kernelCommandLine: booted } : {}), hardening: readHardening(commandLines) };
}
