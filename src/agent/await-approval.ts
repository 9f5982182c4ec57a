// A host that waits for an operator asks again, seldom, until the operator has answered: yes and it is enrolled, no and it ends.
import { ApiProblem } from '../api/index.ts';
import { AgentError } from './errors.ts';
import { describeFailure, type Failure } from './failure.ts';

export interface ApprovalWaitOptions {
  /** Ends the waiting: at once while sleeping, else after the exchange in progress. */
  readonly signal: AbortSignal;
  /** Resolves after the time, or as soon as the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told before each wait. */
  readonly onWait: (failure: Failure, waitMs: number) => void;
}

const longestWaitMs = 10 * 60_000;

/** Enrols until an operator has answered. What an operator cannot answer is thrown at once, when it is the first answer. After
 * that a server that cannot be reached, or has much to do, is waited for as well. */
export async function awaitApproval<T>(work: () => Promise<T>, options: ApprovalWaitOptions): Promise<T> {
  for (let time = 0; ; time += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = options.signal.aborted ? undefined : describeFailure(error);
      if (failure === undefined || !(isWaiting(error) || (time > 0 && mayPass(failure)))) throw error;
      const waitMs = Math.round(waitOf(error, time) * (1 + options.random() / 10));
      options.onWait(failure, waitMs);
      await options.sleep(waitMs, options.signal);
      if (options.signal.aborted) throw error;
    }
  }
}

function isWaiting(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.code === 'ENROLLMENT_QUEUE_FULL';
  return error instanceof AgentError && error.code === 'AGENT_APPROVAL_PENDING';
}

function mayPass({ code, retryAfterSeconds }: Failure): boolean {
  return retryAfterSeconds !== undefined || ['API_UNREACHABLE', 'API_TIMEOUT', 'AGENT_TPM_BUSY'].includes(code);
}

/** What the server asked for, half as long again each time, up to ten minutes. */
function waitOf(error: unknown, time: number): number {
  const cause = error instanceof AgentError ? error.cause : error;
  const asked = cause instanceof ApiProblem ? (cause.retryAfterSeconds ?? 60) : 60;
  return Math.min(longestWaitMs, Math.max(1, asked) * 1000 * 1.5 ** Math.min(time, 10));
}
