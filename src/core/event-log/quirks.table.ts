// Departures of real logs from the specifications, one row each. A quirk that was applied is named in the verdict.
// What a row may change is listed, and so is what it must never change: no row ever makes an event bound that is not.

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
} as const satisfies Readonly<Record<string, QuirkRow>>;

export type QuirkId = keyof typeof quirks;
