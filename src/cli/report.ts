// What a command has to say, once for people and once for programs, and whether the answer is yes.
import { formatLosses, type ProtectedLoss } from './views/protected-view.ts';
import type { Paper } from './terminal.ts';

/** Why a command does not accept: the code is stable, the message is for people, the remedy says what to do about it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
  /** Hosts that the server protects and that the change would lose. */
  readonly protectedHosts?: readonly ProtectedLoss[];
}

export interface Report {
  /** The JSON document, besides `ok` (and `code`, `message`, `remedy` of a refusal). */
  readonly data: Readonly<Record<string, unknown>>;
  /** The readable form. */
  lines(paper: Paper): readonly string[];
  /** Present when the answer is no: exit status 1. */
  readonly refusal?: Refusal | undefined;
  /** Set by commands that have printed their document already. */
  readonly silent?: boolean;
  /** What must be the very last line, after the refusal. */
  readonly ending?: string;
}

/** The one JSON document of a report. */
export function encodeReport(report: Report): string {
  const { refusal } = report;
  const verdict = refusal === undefined ? { ok: true } : { ok: false, ...refusal };
  return JSON.stringify({ ...verdict, ...report.data }, undefined, 2);
}

/** `error CODE: sentence` and `hint: remedy`, for stderr; before them what a change would lose. */
export function formatRefusal(paper: Paper, refusal: Refusal): string[] {
  const error = `${paper.tone('bad', 'error')} ${paper.tone('strong', refusal.code)}: ${refusal.message}`;
  const { remedy, protectedHosts = [] } = refusal;
  const hint = remedy === undefined ? [] : [`${paper.tone('accent', 'hint')}: ${remedy}`];
  const losses = protectedHosts.length === 0 ? [] : [...formatLosses(paper, protectedHosts), ''];
  return [...losses, error, ...hint];
}
