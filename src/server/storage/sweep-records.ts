// What a sweep did, and what one would do.

/** Rows that went, by kind. */
export interface Swept {
  /** With their evidence and what they rested on. */
  readonly verdicts: number;
  readonly challenges: number;
  readonly akCertificates: number;
  /** Hosts that lost trust, as lockout protection counted them. */
  readonly flips: number;
}

/** The last sweep, as far as it has come. */
export interface SweepRecord {
  readonly begunAt: number;
  /** Undefined while it is under way, or after it was interrupted. */
  readonly endedAt: number | undefined;
  /** Hosts up to this one, in the order of their ids. */
  readonly through: string;
  readonly swept: Swept;
  /** By all sweeps together. */
  readonly total: Swept;
}

/** What goes: everything that ended before. */
export interface SweepBounds {
  readonly verdictsBefore: number;
  readonly othersBefore: number;
}

export interface SweptPage {
  /** The last host that was looked at. */
  readonly through: string;
  readonly hosts: number;
  readonly swept: Swept;
}

export interface StoreSize {
  /** Of the engine, in words. */
  readonly version: string;
  readonly bytes: number;
  /** Of them used by nothing; undefined where the engine does not say. */
  readonly freeBytes: number | undefined;
}

export interface TableSize {
  readonly name: string;
  /** With its indexes. */
  readonly bytes: number;
  /** About. */
  readonly rows: number;
}
