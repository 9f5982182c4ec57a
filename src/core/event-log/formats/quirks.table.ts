// Departures of real logs from the specifications, one row each. A quirk that was applied is named in the verdict.
// What a row may change is listed, and so is what it must never change: no row ever makes an event bound that is not.
// docs/tolerance.md is written from this table.

export interface QuirkRow {
  readonly what: string;
  readonly seen: string;
  readonly mayChange: string;
  readonly mustNeverChange: string;
}

export const quirks = {
  'trailing-padding': {
    what: 'Bytes of 0x00 or 0xFF, all alike, follow the last record.',
    seen: 'TDX CCEL areas (64 KiB, filled with 0xFF; td-shim with 0x00); logs copied out of firmware memory.',
    mayChange: 'Where the log ends.',
    mustNeverChange: 'Any record. Other trailing bytes are refused.',
  },
  'vendor-info-outside': {
    what: 'The size of the Spec ID record leaves out the vendor information at its end.',
    seen: 'Firmware that the authors of tpm2-tools met; a log of theirs has both shapes.',
    mayChange: 'Where the second record begins.',
    mustNeverChange: 'The digest sizes that the record announces. A wrong place cannot replay.',
  },
  'incomplete-bank': {
    what: 'A bank is announced in the Spec ID record, and some records carry no digest of it.',
    seen: 'Windows (SHA-256 only after ExitBootServices), tboot, two fixtures of tpm2-tools.',
    mayChange: 'Which banks a replay is compared in: the bank is left out.',
    mustNeverChange: 'The result in the banks that are whole.',
  },
  'startup-locality-ignored': {
    what: 'A StartupLocality record that is not in PCR 0, comes after the first extend of PCR 0, is the second one, or names a locality that TPM2_Startup does not accept.',
    seen: 'Only in attacks.',
    mayChange: 'Nothing: the record has no effect.',
    mustNeverChange: 'What PCR 0 starts from.',
  },
  'informative-register': {
    what: 'A record that extends nothing (EV_NO_ACTION) carries a digest, or names a register that does not exist.',
    seen: 'Windows TrustPoint records in PCR 0xFFFFFFFF; HIRS reference logs.',
    mayChange: 'Nothing: the record is shown and has no effect.',
    mustNeverChange: 'The replay.',
  },
  'shim-authority-tail': {
    what: 'The digest of an authority event covers all but its last byte, and bytes follow the variable.',
    seen: 'shim before 15.3 (GCE, Ubuntu 18.04, Red Hat 8).',
    mayChange: 'Which bytes of an EV_EFI_VARIABLE_AUTHORITY event its digest is found to cover.',
    mustNeverChange: 'Secure Boot state and databases: those demand that the whole structure is covered.',
  },
  'nv-index-records': {
    what: 'Records of NV indices stand among those of PCRs.',
    seen: 'systemd NvPCRs in canonical logs.',
    mayChange: 'Which records are looked at: those of NV indices are left out.',
    mustNeverChange: 'The order of the records of a PCR.',
  },
  'startup-locality-found': {
    what: 'PCR 0 does not follow from the startup locality that the log claims, and follows from another of 0, 3 and 4.',
    seen: 'Machines with Boot Guard or TXT whose firmware does not log StartupLocality; H-CRTM without an event of its own.',
    mayChange: 'The value that the replay of PCR 0 starts from: 0, 3 or 4, nothing else.',
    mustNeverChange: 'The events of PCR 0 and their order: the replay must equal the attested value.',
  },
  'exit-boot-services-unlogged': {
    what: 'The log ends before the Exit Boot Services events, and the attested PCR 5 follows from the log by exactly those.',
    seen: 'GCE Debian 10, several Lenovo, logs read by kernels or boot loaders that ignore the final events table.',
    mayChange: 'The replay of PCR 5, by the constants that the specification names.',
    mustNeverChange: 'Any other PCR; any event of PCR 5 that is logged.',
  },
} as const satisfies Readonly<Record<string, QuirkRow>>;

export type QuirkId = keyof typeof quirks;
