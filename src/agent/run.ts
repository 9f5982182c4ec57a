// The agent as a service: attests at boot until the server has answered, then whenever the server wants to hear from it.
// Many hosts boot at once after a power cut: waits grow, and differ from host to host.
import type { AttestationResult } from '../api/index.ts';
import { attest, type AttestOptions } from './attest.ts';
import type { AttestingDevice } from './attesting-device.ts';
import { describeFailure, type Failure } from './failure.ts';
import { createNextChallenge, type NextChallenge } from './next-challenge.ts';

export interface RunOptions extends Omit<AttestOptions, 'device' | 'next'> {
  /** Called again after the TPM was lost. */
  readonly openDevice: () => Promise<AttestingDevice>;
  /** Ends the run: at once while waiting, else after the exchange in progress. */
  readonly signal: AbortSignal;
  /** Resolves after the time, or as soon as the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onEvent: (event: AgentEvent) => void;
}

export type AgentEvent =
  | { readonly kind: 'attested'; readonly result: AttestationResult; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly waitMs: number };

/** Which verdict lets a boot go on. */
export interface TrustDemand {
  readonly minimumStatus: 'affirming' | 'warning';
}

const firstWaitMs = 1000;
const longestWaitMs = 300_000;
/** At least once a day, whatever the server says. */
const dayMs = 86_400_000;
/** While the boot waits for trust, an operator is likely to be at work: ask again soon. */
const longestBootWaitMs = 30_000;

/** Attests again and again until the signal. Failures never end it: a host that cannot reach its server today will tomorrow. */
export async function run(options: RunOptions): Promise<void> {
  await attestWhile(options, () => ({ done: false, longestMs: dayMs }));
}

/** Attests until a verdict satisfies `demand`, and returns it: the gate that a hypervisor's start waits behind.
 * Undefined when the signal came first. */
export async function attestUntilTrusted(
  options: RunOptions,
  demand: TrustDemand = { minimumStatus: 'affirming' },
): Promise<AttestationResult | undefined> {
  return attestWhile(options, ({ verdict }) => {
    const done = verdict.status === 'affirming' || (verdict.status === 'warning' && demand.minimumStatus === 'warning');
    return { done, longestMs: longestBootWaitMs };
  });
}

type Judge = (result: AttestationResult) => { readonly done: boolean; readonly longestMs: number };

async function attestWhile(options: RunOptions, judge: Judge): Promise<AttestationResult | undefined> {
  const device = keepDevice(options.openDevice);
  const next = createNextChallenge();
  let failures = 0;
  try {
    while (!options.signal.aborted) {
      const outcome = await attempt(options, device, next);
      let waitMs: number;
      if ('result' in outcome) {
        failures = 0;
        const { done, longestMs } = judge(outcome.result);
        waitMs = done ? 0 : untilNext(outcome.result, longestMs, options.random);
        options.onEvent({ kind: 'attested', result: outcome.result, waitMs });
        if (done) return outcome.result;
      } else {
        waitMs = backOff(failures, outcome.failure, options.random);
        if (outcome.failure.retryAfterSeconds === undefined) failures += 1;
        options.onEvent({ kind: 'failed', failure: outcome.failure, waitMs });
      }
      await options.sleep(waitMs, options.signal);
    }
    return undefined;
  } finally {
    await device.drop();
  }
}

async function attempt(
  options: RunOptions,
  device: KeptDevice,
  next: NextChallenge,
): Promise<{ readonly result: AttestationResult } | { readonly failure: Failure }> {
  try {
    const { server, stateDirectory } = options;
    return { result: await attest({ server, stateDirectory, device: await device.get(), next }) };
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    if (failure.code.startsWith('AGENT_TPM_')) await device.drop();
    return { failure };
  }
}

/** Earlier than asked by up to a tenth, so that hosts spread out and no verdict lapses in between. */
function untilNext({ nextAttestationSeconds }: AttestationResult, longestMs: number, random: () => number): number {
  const wanted = Math.min(longestMs, Math.max(firstWaitMs, nextAttestationSeconds * 1000));
  return Math.round(wanted * (1 - random() / 10));
}

/** How long a host waits after it failed so often before: 1 s, 2 s, 4 s... up to five minutes, half of it by chance. An appointment that
 * the server named is kept, a little later by chance: to be sent away is no failure, however often. */
export function backOff(
  failures: number,
  { retryAfterSeconds }: Pick<Failure, 'retryAfterSeconds'>,
  random: () => number,
): number {
  if (retryAfterSeconds !== undefined) {
    return Math.round(Math.min(dayMs, Math.max(firstWaitMs, retryAfterSeconds * 1000)) * (1 + random() / 10));
  }
  const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 20));
  return Math.round(ceiling * (0.5 + random() / 2));
}

interface KeptDevice {
  get(): Promise<AttestingDevice>;
  drop(): Promise<void>;
}

function keepDevice(openDevice: () => Promise<AttestingDevice>): KeptDevice {
  let device: AttestingDevice | undefined;
  return {
    async get() {
      device ??= await openDevice();
      return device;
    },
    async drop() {
      const lost = device;
      device = undefined;
      // What is being thrown away may well fail once more.
      await lost?.close().catch(() => undefined);
    },
  };
}
