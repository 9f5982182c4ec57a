// The facts that a policy can demand, by name: what each means, what proves it, how its demand is read from a policy and
// held against a boot. An absent or unknown fact never satisfies a demand.
import type { BootFacts } from '../../event-log/index.ts';
import type { Field } from '../../encoding/index.ts';
import { firmwareVersionRow, sbatLevelRow, secureBootModeRow, testKeysRow } from './fact-rows.ts';
import { hardeningRow } from './hardening-row.ts';
import { commandLineRow } from './command-line-row.ts';
import type { DemandSchema } from './demand-schema.ts';
import { authoritiesRow, dbxRow, signatureDatabasesRow } from './key-rows.ts';
import type { Demand, FactName, Shortfall } from './required-facts.ts';
import { createStateRow } from './state-row.ts';

export interface FactRow<Wanted> {
  readonly what: string;
  /** Which measured bytes say it. */
  readonly readFrom: string;
  /** What `parse` accepts: the API's contract and docs/policy.md are generated from it. */
  readonly schema: DemandSchema;
  /** @throws MalformedError APPRAISAL_POLICY_INVALID */
  parse(field: Field): Wanted;
  /** Empty where the boot satisfies the demand. */
  judge(facts: BootFacts, wanted: Wanted): readonly Shortfall[];
}

export type FactTable = { readonly [Name in FactName]: FactRow<Demand<Name>> };

export const factTable: FactTable = {
  secureBoot: createStateRow({
    what: 'UEFI Secure Boot is on.',
    readFrom: 'PCR 7: the one SecureBoot variable before the separator, all events before it understood.',
    fact: 'secureBoot',
    wanted: 'enabled',
    read: ({ secureBoot }) => secureBoot,
    met: ['enabled'],
    codes: { refused: 'FACT_SECURE_BOOT_DISABLED', unproven: 'FACT_SECURE_BOOT_UNKNOWN' },
  }),
  secureBootMode: secureBootModeRow,
  mokSbState: createStateRow({
    what: 'shim checks what it loads.',
    readFrom:
      'PCR 7: MokSBState, which shim measures only where somebody set it. Silence counts, with or without shim, where no event can be it in disguise.',
    fact: 'mokSbState',
    wanted: 'not-disabled',
    read: ({ shim }) => shim.mokSbState,
    met: ['enabled', 'not-reported'],
    codes: { refused: 'FACT_SHIM_VALIDATION_DISABLED' },
  }),
  debugMode: createStateRow({
    what: 'No debugger can be attached to the firmware.',
    readFrom: 'PCR 7: the digest of "UEFI Debug Mode"; absent is proven by a PCR 7 that has its separator.',
    fact: 'debugMode',
    wanted: 'absent',
    read: ({ debugMode: { value, event } }) => ({
      value: value === 'unknown' ? value : value ? 'present' : 'absent',
      event,
    }),
    met: ['absent'],
  }),
  dmaProtection: createStateRow({
    what: 'The firmware did not switch off its protection against DMA, nor let every Thunderbolt device in.',
    readFrom:
      'PCR 7: the digests of "DMA Protection Disabled" and "Security Level is Downgraded to 0". Firmware that knows no such protection is silent too.',
    fact: 'dmaProtection',
    wanted: 'not-disabled',
    read: ({ dmaProtection }) => dmaProtection,
    met: ['not-reported'],
  }),
  testKeys: testKeysRow,
  exitBootServices: createStateRow({
    what: 'The firmware handed over to the kernel.',
    readFrom: 'PCR 5: the last of the digests of "Exit Boot Services Returned with Success" or "... Failure".',
    fact: 'exitBootServices',
    wanted: 'success',
    read: ({ exitBootServices }) => exitBootServices,
    met: ['success'],
    unproven: ['not-logged'],
  }),
  separators: createStateRow({
    what: 'The firmware closed PCR 0 to 7 before it ran anything else.',
    readFrom: 'PCR 0 to 7: the digest of a separator in each.',
    fact: 'separators',
    wanted: 'complete',
    read: ({ separators }) => separators,
    met: ['complete'],
  }),
  firmwareVersion: firmwareVersionRow,
  sbatLevel: sbatLevelRow,
  dbx: dbxRow,
  signatureDatabases: signatureDatabasesRow,
  authorities: authoritiesRow,
  hardening: hardeningRow,
  kernelCommandLine: commandLineRow,
};

/** In the order of findings. */
export const factNames = Object.keys(factTable) as readonly FactName[];
