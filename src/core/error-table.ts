/** One documented failure: what causes it and what to do about it. `docs/errors.md` is generated from these rows. */
export interface ErrorRow {
  readonly cause: string;
  readonly remedy: string;
}

/** A room's table of codes, `ROOM_SUBJECT_PROBLEM` -> row. */
export type ErrorTable = Readonly<Record<string, ErrorRow>>;
