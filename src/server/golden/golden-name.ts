// What operators call a golden measurement.
import { printable } from '../../core/encoding/index.ts';
import type { GoldenStatement } from '../../core/golden/index.ts';

/** The first thing that it describes, as its signers name that; printable. */
export function nameOfGolden({ layer, subjects }: Pick<GoldenStatement, 'layer' | 'subjects'>): string {
  return printable(subjects[0]?.name ?? layer, 1024);
}
