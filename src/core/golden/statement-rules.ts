// What a statement must hold to before anybody may sign it or believe it, whoever wrote it.
import { MalformedError } from '../error.ts';
import { pcrsOfLayer } from '../event-log/index.ts';
import type { GoldenStatement } from './statement.ts';

/**
 * Refuses an empty expectation, PCRs that prove nothing about the layer, two expectations of one PCR, and files listed
 * anywhere but in layer `runtime`.
 *
 * PCR 16 and 23 can be reset by any program and extended again to any value that they had [TPM2-P1 §17], so whoever expects
 * something of them expects nothing [PEERS T24].
 *
 * @throws MalformedError GOLDEN_STATEMENT_EMPTY, GOLDEN_IMA_MISPLACED, GOLDEN_PCR_REFUSED, GOLDEN_PCR_TWICE
 */
export function checkStatement(statement: GoldenStatement): void {
  const { layer, events, pcrs, ima } = statement;
  // Exclusions alone expect nothing: they only say where nobody looks.
  const files = ima === undefined ? 0 : ima.digests.length + ima.signers.length;
  if (events.length + pcrs.length + files === 0) {
    throw new MalformedError('GOLDEN_STATEMENT_EMPTY', `the statement about layer ${layer} expects nothing`, {
      at: 'predicate.match',
    });
  }
  if (ima !== undefined && layer !== 'runtime') {
    throw new MalformedError('GOLDEN_IMA_MISPLACED', `layer ${layer} is measured by events, not by files`, {
      at: 'predicate.match.ima',
    });
  }
  const allowed = pcrsOfLayer(layer);
  for (const { pcr } of [...events, ...pcrs]) {
    if (!allowed.includes(pcr)) {
      const place = allowed.length === 0 ? 'no PCR' : `PCR ${allowed.join(', ')} only`;
      throw new MalformedError('GOLDEN_PCR_REFUSED', `layer ${layer} is measured into ${place}, not into PCR ${pcr}`, {
        at: 'predicate.match',
      });
    }
  }
  const whole = new Set<number>();
  for (const { pcr } of pcrs) {
    if (whole.has(pcr) || events.some((event) => event.pcr === pcr)) {
      throw new MalformedError('GOLDEN_PCR_TWICE', `two expectations of PCR ${pcr}`, { at: 'predicate.match' });
    }
    whole.add(pcr);
  }
}
