/** A disk to boot from. */
export interface Boot {
  /** Holds the disk and what it was made of. */
  readonly folder: string;
  readonly disk: string;
  /** Options of `touchstone golden predict` that name what it is made of. */
  readonly artefacts: readonly string[];
}
