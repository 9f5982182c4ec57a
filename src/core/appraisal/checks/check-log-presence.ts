// Claim 5 of `appraise`, before all else: the host sent a log.
import type { Finding } from '../../verdict/index.ts';
import { createFinding } from '../finding.ts';

/** A host without a log is told apart from one whose log is empty, cut or forged: the remedies differ. [PEERS T34] */
export function checkLogPresence(eventLog: Uint8Array | undefined): Finding[] {
  if (eventLog !== undefined) return [];
  const message = 'The host sent no event log, so no measurement of its boot can be recognised.';
  return [createFinding('LOG_ABSENT', { check: 'event-log', message })];
}
