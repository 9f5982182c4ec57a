// `touchstone agent run --until-trusted`: what a hypervisor waits for before it starts. It ends with 0 for a good verdict, and for nothing else.
import {
  attestUntilTrusted,
  findMissing,
  formatFailure,
  type AgentEvent,
  type Failure,
  type RunOptions,
  type TrustDemand,
} from '../../agent/index.ts';
import type { AttestationResult } from '../../api/index.ts';
import { cliErrors } from '../errors.ts';
import { printableAgain } from '../../core/encoding/index.ts';
import type { Refusal, Report } from '../report.ts';
import { formatVerdict } from '../views/verdict-view.ts';

export interface Gate {
  readonly demand: TrustDemand;
  /** Undefined: as long as it takes. */
  readonly longestSeconds: number | undefined;
  readonly tell: (line: string) => void;
}

/** Of Node: one that is longer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Says first what is missing, and how long it waits. */
export async function waitAtGate(settings: RunOptions, { demand, longestSeconds, tell }: Gate): Promise<Report> {
  const limit =
    longestSeconds === undefined
      ? 'as long as it takes; --wait-at-most TIME ends it with status 1'
      : `${longestSeconds} s at most, and ends with status 1 then`;
  tell(
    `waits for a verdict that is ${demand.minimumStatus === 'warning' ? 'warning or affirming' : 'affirming'}: ${limit}`,
  );
  const ending = new AbortController();
  const timer =
    longestSeconds === undefined
      ? undefined
      : setTimeout(() => ending.abort(), Math.min(longestSeconds * 1000, longestTimerMs));
  let last: Refusal | undefined;
  const onEvent = (event: AgentEvent): void => {
    last = event.kind === 'failed' ? refusalOfFailure(event.failure) : refusalOfResult(event.result);
    settings.onEvent(event);
  };
  try {
    for (const failure of await findMissing(settings)) tell(`missing: ${formatFailure(failure)}`);
    const signal = AbortSignal.any([settings.signal, ending.signal]);
    const result = await attestUntilTrusted({ ...settings, onEvent, signal }, demand);
    if (result !== undefined) return reportGood(result);
  } finally {
    clearTimeout(timer);
  }
  return reportEnded(ending.signal.aborted ? `waited ${longestSeconds} s` : 'stopped by a signal', last);
}

/** The verdict satisfied what was asked for, which may be less than affirming. */
function reportGood({ verdict, nextAttestationSeconds }: AttestationResult): Report {
  return { data: { verdict, nextAttestationSeconds }, lines: (paper) => formatVerdict(paper, verdict) };
}

/** With what stood in the way at last. */
function reportEnded(how: string, last: Refusal | undefined): Report {
  const { code, message, remedy } = last ?? {
    code: 'CLI_ATTESTATION_REFUSED',
    message: 'nothing was answered yet',
    remedy: undefined,
  };
  return {
    data: { stopped: true },
    lines: () => [],
    refusal: { code, message: `not trusted: ${how}, and no verdict was good enough: ${message}`, remedy },
  };
}

function refusalOfFailure({ code, message, remedy }: Failure): Refusal {
  return { code, message, remedy };
}

/** The worst finding stands for the verdict. */
export function refusalOfResult({ verdict }: AttestationResult): Refusal {
  const [worst] = verdict.findings.filter(({ severity }) => severity === 'error');
  return {
    code: worst?.code ?? 'CLI_ATTESTATION_REFUSED',
    message: printableAgain(worst?.message ?? `the verdict is ${verdict.status}`),
    remedy: printableAgain(worst?.remedy ?? cliErrors.CLI_ATTESTATION_REFUSED.remedy),
  };
}
