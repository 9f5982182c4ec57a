// Facts of a boot. From bound bytes and digests only: no event type, path, name or order between registers is asked.
import type { BootFacts } from './facts.ts';
import { readFirmwareFacts } from './firmware-facts.ts';
import { readHardening } from './hardening.ts';
import { readCommandLines } from './kernel-command-line.ts';
import { readLoaderFacts } from './loader-facts.ts';
import { readRegisters } from './register-events.ts';
import type { AnnotatedLog, ReplayedLog } from './replayed-log.ts';
import { readSecureBootFacts } from './secure-boot-facts.ts';
import { readShimFacts } from './shim-facts.ts';

/** Facts of a boot whose log was held against attested registers. A register that differs gives no facts. */
export function readFacts(log: ReplayedLog): BootFacts {
  return readClaimedFacts(log);
}

/** What the log of a file says, with nothing proved about any machine: for inspection only. */
export function readClaimedFacts(log: AnnotatedLog): BootFacts {
  const registers = readRegisters(log);
  const commandLines = readCommandLines(registers);
  return {
    ...readSecureBootFacts(registers),
    ...readShimFacts(registers),
    ...readFirmwareFacts(registers),
    ...readLoaderFacts(registers),
    ...(commandLines.booted ? { kernelCommandLine: commandLines.booted } : {}),
    hardening: readHardening(commandLines),
  };
}
