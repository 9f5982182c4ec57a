// What this process did since it started. What holds now is looked up when somebody asks: scrape.ts. docs/metrics.md lists both.
import { findings as knownFindings } from '../../core/appraisal/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { createCounter, createHistogram } from './meters.ts';
import type { Family } from './exposition.ts';

export interface Metrics {
  /** An answer was given. `code` is that of a problem, or `OK`. */
  answered(answer: { readonly operation: string; readonly code: string; readonly seconds: number }): void;
  /** An attestation was recorded. */
  attested(verdict: Verdict): void;
  /** An attestation began by what is remembered of its host; `isOver`: it was asked again, because that did not hold any more. */
  recalled(isOver: boolean): void;
  /** Evidence was appraised, whatever came of it. */
  appraised(seconds: number): void;
  /** What never became a request, by the code of the problem that was said. */
  readonly refused: (code: string) => void;
  /** An attestation is durable, or was refused by the store, after so long. */
  stored(seconds: number): void;
  collect(): readonly Family[];
}

const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const appraisalBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
const storageBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export function createMetrics(): Metrics {
  const answers = createCounter({
    name: 'touchstone_answers_total',
    help: 'Answers, by operation of the API and code of the problem; OK where there was none.',
    labels: ['operation', 'code'],
  });
  const answerSeconds = createHistogram({
    name: 'touchstone_answer_seconds',
    help: 'From the first byte of a request to its answer, by operation of the API.',
    labels: ['operation'],
    bounds: requestBounds,
  });
  const attestations = createCounter({
    name: 'touchstone_attestations_total',
    help: 'Attestations that came to a verdict, by its status.',
    labels: ['status'],
    from: ['affirming', 'warning', 'contraindicated', 'none'].map((status) => ({ status })),
  });
  const findings = createCounter({
    name: 'touchstone_attestation_findings_total',
    help: 'Verdicts that have a finding, by its code.',
    labels: ['code'],
    from: Object.keys(knownFindings).map((code) => ({ code })),
  });
  const recollections = createCounter({
    name: 'touchstone_recalled_attestations_total',
    help: 'Attestations that began by what the server remembers of the host (PostgreSQL).',
    labels: [],
    from: [{}],
  });
  const overRecollections = createCounter({
    name: 'touchstone_recalled_attestations_over_total',
    help: 'Of these, attestations that were read and begun again, because what is remembered did not hold any more.',
    labels: [],
    from: [{}],
  });
  const appraisals = createHistogram({
    name: 'touchstone_appraisal_seconds',
    help: 'Time to come from evidence to a verdict.',
    labels: [],
    bounds: appraisalBounds,
  });
  const commits = createHistogram({
    name: 'touchstone_storage_seconds',
    help: 'Time until the store says that an attestation is durable.',
    labels: [],
    bounds: storageBounds,
  });
  return {
    answered: ({ operation, code, seconds }) => {
      answers.add({ operation, code });
      answerSeconds.observe(seconds, { operation });
    },
    refused: (code) => answers.add({ operation: 'none', code }),
    attested: ({ status, findings: found }) => {
      attestations.add({ status });
      for (const code of new Set(found.map((finding) => finding.code))) findings.add({ code });
    },
    recalled: (isOver) => (isOver ? overRecollections : recollections).add({}),
    appraised: (seconds) => appraisals.observe(seconds, {}),
    stored: (seconds) => commits.observe(seconds, {}),
    collect: () => {
      const all = [
        answers,
        answerSeconds,
        attestations,
        findings,
        recollections,
        overRecollections,
        appraisals,
        commits,
      ];
      return all.map((one) => one.collect());
    },
  };
}
