// Departures of real logs from the specifications, one row each. A quirk that was applied is named in the verdict.
// What a row may change is listed, and so is what it must never change: no row ever makes a register match.

export interface QuirkRow {
  readonly what: string;
  readonly seen: string;
  readonly mayChange: string;
  readonly mustNeverChange: string;
}

export const quirks = {
  'trailing-padding': {
    what: 'Bytes of 0x00 or 0xFF follow the last record, or a record of all ones ends the log.',
    seen: 'TDX CCEL areas of 64 KiB; logs copied out of firmware memory.',
    mayChange: 'Where the log ends.',
    mustNeverChange: 'Any record: padding that contains another byte is refused.',
  },
} as const satisfies Readonly<Record<string, QuirkRow>>;

export type QuirkId = keyof typeof quirks;
