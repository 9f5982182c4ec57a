// What clients saw: what was acknowledged, what came back without an answer, and what must never be seen.
import { ApiProblem, ApiUnreachable } from '../../src/api/index.ts';

export interface HostLedger {
  /** Attestations that were answered with a verdict. */
  acknowledged: number;
  /** Attestations that may have been recorded: the answer was lost, or was `STORAGE_UNREACHABLE`. */
  unknown: number;
}

export interface Ledger {
  readonly hosts: Map<string, HostLedger>;
  /** Host id and digest of its EK. */
  readonly enrolled: Map<string, string>;
  /** Golden measurements, by id, as they were acknowledged last. */
  readonly goldens: Map<string, 'active' | 'revoked'>;
  /** Labels that were acknowledged, in their order; and how often each was sent. */
  readonly labels: string[];
  readonly labelsSent: Map<string, number>;
  readonly quarantines: string[];
  readonly counts: Map<string, number>;
  /** What breaks a promise, in words. */
  readonly broken: string[];
  /** When something was acknowledged that was written, by kind. */
  lastWriteAt: number;
}

export function createLedger(): Ledger {
  return {
    hosts: new Map(),
    enrolled: new Map(),
    goldens: new Map(),
    labels: [],
    labelsSent: new Map(),
    quarantines: [],
    counts: new Map(),
    broken: [],
    lastWriteAt: 0,
  };
}

export function count({ counts }: Ledger, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export function noteWrite(ledger: Ledger, name: string): void {
  count(ledger, name);
  ledger.lastWriteAt = Date.now();
}

/** Whether servers are killed just now: then connections may break off. */
export interface Weather {
  replicasDie: boolean;
}

/** What a client that was not served was told. `later`: to come back. Anything else breaks a promise. */
export function noteFailure(ledger: Ledger, weather: Weather, what: string, error: unknown): void {
  if (error instanceof ApiProblem) {
    if (error.status === 503 && error.retryAfterSeconds !== undefined) count(ledger, `${what}: told to come back`);
    else ledger.broken.push(`${what}: ${error.status} ${error.code}`);
  } else if (error instanceof ApiUnreachable) {
    count(ledger, `${what}: no answer`);
    if (!weather.replicasDie) ledger.broken.push(`${what}: ${error.code} although no server was killed`);
  } else throw error;
}
