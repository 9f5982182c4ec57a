// What every captured statement says of itself: its subject and where it came from.
import { expectationDigest } from './encode-statement.ts';
import type { GoldenStatement } from './statement.ts';

export interface CaptureOrigin {
  /** Host the log came from, for the provenance. */
  readonly host?: string;
  readonly at?: Date;
}

/** Names what was captured by its own digest, so that equal layers of two hosts have equal subjects. */
export function describeCapture(
  expectation: Omit<GoldenStatement, 'subjects'>,
  { host, at }: CaptureOrigin,
): GoldenStatement {
  return {
    ...expectation,
    subjects: [{ name: `${expectation.layer} layer`, sha256: expectationDigest(expectation) }],
    provenance: {
      source: 'captured',
      ...(host === undefined ? {} : { host }),
      ...(at === undefined ? {} : { at }),
    },
  };
}
