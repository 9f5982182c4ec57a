// What is read of a host and its verdict before anything is said of it, made without a server.
import type { Verdict } from '../../src/core/verdict/index.ts';
import type { HostRecord, VerdictRecord } from '../../src/server/storage/index.ts';

export const start = Date.parse('2026-11-25T12:00:00Z');
export const after = (seconds: number): Date => new Date(start + seconds * 1000);
export const lifeSeconds = 600;

export function verdictOf(status: Verdict['status'], findings: Verdict['findings'] = []): Verdict {
  const [challengedAt, expiresAt] = [after(0).toISOString(), after(lifeSeconds).toISOString()];
  const said = { host: 'hv-1', status, vector: {}, findings, layers: {}, evidenceDigest: 'e' };
  return { ...said, challengedAt, issuedAt: challengedAt, expiresAt };
}

export const refused = verdictOf('contraindicated');

export function recordOf(verdict: Verdict, more: Partial<VerdictRecord> = {}): VerdictRecord {
  const times = { issuedAt: start, expiresAt: Date.parse(verdict.expiresAt) };
  return { hostId: 'hv-1', epoch: 2, sequence: 1, verdict, ...times, voided: undefined, ...more };
}

/** Of the record no more is read here. */
export function hostOf(more: Partial<HostRecord> = {}): HostRecord {
  const host = { hostId: 'hv-1', state: 'active', epoch: 2, dueAt: start + 300_000, quarantines: [], ...more };
  return host as Partial<HostRecord> as HostRecord;
}
