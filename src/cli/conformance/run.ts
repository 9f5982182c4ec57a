// Runs every case of a folder of vectors and says, case by case, what was observed.
import { printable } from '../../core/encoding/index.ts';
import type { Mismatch } from './compare.ts';
import type { Reading } from './observation.ts';
import { certificateReading } from './observe-certificate.ts';
import { corimReading } from './observe-corim.ts';
import { earReading } from './observe-ear.ts';
import { eventLogReading } from './observe-event-log.ts';
import { imaReading } from './observe-ima.ts';
import { quoteReading } from './observe-quote.ts';
import { readExpectation, type VectorCase, type Vectors } from './vectors.ts';

export interface CaseResult {
  readonly file: string;
  readonly kind: string;
  readonly status: 'pass' | 'fail' | 'skip';
  readonly mismatches: readonly Mismatch[];
  readonly observed: Readonly<Record<string, unknown>>;
}

const readings: Readonly<Record<string, Reading>> = {
  eventlog: eventLogReading,
  quote: quoteReading,
  certs: certificateReading,
  ima: imaReading,
  ear: earReading,
  corim: corimReading,
};

/** Kinds that Touchstone does not read yet. Any other unknown kind is a failure. */
export const skippedKinds: ReadonlySet<string> = new Set(['snp', 'tdx']);

/** Files that other cases point at: no cases themselves. */
const supportKind = 'support';

export async function runVectors(vectors: Vectors, progress: (result: CaseResult) => void): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const vectorCase of vectors.cases) {
    if (vectorCase.kind === supportKind) continue;
    const result = await runCase(vectors, vectorCase);
    results.push(result);
    progress(result);
  }
  return results;
}

export function countResults(results: readonly CaseResult[]): Readonly<Record<CaseResult['status'], number>> {
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}

async function runCase(vectors: Vectors, vectorCase: VectorCase): Promise<CaseResult> {
  const { file, kind } = vectorCase;
  if (skippedKinds.has(kind)) return { file, kind, status: 'skip', mismatches: [], observed: {} };
  const reading = readings[kind];
  if (reading === undefined) return failed(vectorCase, `unknown kind ${printable(kind)}`);
  try {
    const observed = await reading.observe(vectors, vectorCase);
    const mismatches = reading.compare(readExpectation(vectors, vectorCase), observed);
    return { file, kind, status: mismatches.length === 0 ? 'pass' : 'fail', mismatches, observed };
  } catch (error) {
    return failed(vectorCase, error instanceof Error ? `${error.name}: ${error.message}` : 'a failure without a name');
  }
}

function failed({ file, kind }: VectorCase, problem: string): CaseResult {
  const mismatches = [{ field: 'case', expected: 'an observation', observed: printable(problem) }];
  return { file, kind, status: 'fail', mismatches, observed: { problem: printable(problem) } };
}
