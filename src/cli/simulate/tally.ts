// What came of the visits of one phase.
import { createHistogram, type Histogram } from './histogram.ts';

/** How an attestation ended, beside what was to be expected of its host. */
export const outcomes = ['trusted', 'refused-as-expected', 'refused-unexpectedly', 'trusted-unexpectedly'] as const;
export type Outcome = (typeof outcomes)[number];

export interface Tally {
  readonly outcomes: Record<Outcome, number>;
  /** First finding codes of what was refused unexpectedly, and what requests failed with: how often each. */
  readonly reasons: Map<string, number>;
  /** How often the server told a host to come back, and how many hosts came back and were heard. */
  sentAway: number;
  cameBack: number;
  /** How often one host was told to, at most. */
  sentAwayMost: number;
  /** How often with a challenge in its hands: work that was begun. */
  sentAwayBegun: number;
  /** Connections that were refused, closed or silent before an answer: the host dialled again. */
  cutOff: number;
  /** Requests that failed otherwise, and were tried again as an agent does. */
  errors: number;
  /** Hosts that were not heard however often they came. */
  lost: number;
  /** From the first request of an attestation to its verdict. */
  readonly answer: Histogram;
  /** From the moment when a host wanted to attest to its verdict: with every wait in between. */
  readonly heard: Histogram;
}

export function createTally(): Tally {
  return {
    outcomes: { trusted: 0, 'refused-as-expected': 0, 'refused-unexpectedly': 0, 'trusted-unexpectedly': 0 },
    reasons: new Map(),
    sentAway: 0,
    cameBack: 0,
    sentAwayMost: 0,
    sentAwayBegun: 0,
    cutOff: 0,
    errors: 0,
    lost: 0,
    answer: createHistogram(),
    heard: createHistogram(),
  };
}

export function countReason({ reasons }: Tally, code: string): void {
  reasons.set(code, (reasons.get(code) ?? 0) + 1);
}

/** Whether everything went as a sound server and a sound fleet go. */
export function isSound({ outcomes: seen, errors, lost }: Tally): boolean {
  return seen['refused-unexpectedly'] === 0 && seen['trusted-unexpectedly'] === 0 && errors === 0 && lost === 0;
}
