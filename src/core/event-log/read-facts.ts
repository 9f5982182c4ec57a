import type { AnnotatedLog, ReplayedLog } from './replayed-log.ts';
import type { BootFacts } from './facts.ts';

/** Facts of a boot whose log was proved against attested registers. */
export function readFacts(log: ReplayedLog): BootFacts {
  return readClaimedFacts(log);
}

/** What the log of a file says, with nothing proved: for inspection only. */
export function readClaimedFacts(log: AnnotatedLog): BootFacts {
  const unknown = { event: undefined };
  return {
    secureBoot: { value: 'unknown', ...unknown },
    signatureDatabases: {},
    authorities: [],
    bootApplications: log.events
      .filter(({ pcr }) => pcr === 4)
      .map(({ digest, index }) => ({ value: digest, event: index })),
    drivers: [],
    shim: { mokLists: [] },
    debugMode: { value: 'unknown', ...unknown },
    dmaProtection: { value: 'unknown', ...unknown },
    exitBootServices: { value: 'unknown', ...unknown },
    separators: { value: 'unknown', ...unknown },
    bootEntries: [],
    grub: { commands: [], files: [] },
    unifiedKernelImage: [],
    bootPhases: [],
    hardening: {},
  };
}
