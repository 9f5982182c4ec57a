// The story, in order. A step that goes wrong does not end it: what can still be shown is shown.
import { toRefusal } from '../refusal.ts';
import type { StepName, StepOutcome, StepRecord } from './step.ts';
import {
  refuseClonedTpm,
  refuseCommandLine,
  refuseReplayedQuote,
  refuseSecureBootOff,
  refuseUnrestrictedKey,
  restartDurable,
} from './steps-refusal.ts';
import {
  admissionAllow,
  attestTrusted,
  captureGoldens,
  denyBeforeGolden,
  enrolHost,
  initServer,
  signAndActivate,
  verifyTokenOffline,
} from './steps-trust.ts';
import type { DemoWorld } from './world.ts';

type Step = (world: DemoWorld) => Promise<StepOutcome>;

export const story: readonly (readonly [StepName, Step])[] = [
  ['server-init', initServer],
  ['enrol', enrolHost],
  ['deny-before-golden', denyBeforeGolden],
  ['capture', captureGoldens],
  ['sign-and-activate', signAndActivate],
  ['attest-trusted', attestTrusted],
  ['admission-allow', admissionAllow],
  ['token-verified-offline', verifyTokenOffline],
  ['refuse-command-line', refuseCommandLine],
  ['refuse-secure-boot-off', refuseSecureBootOff],
  ['refuse-replayed-quote', refuseReplayedQuote],
  ['refuse-cloned-tpm', refuseClonedTpm],
  ['refuse-unrestricted-ak', refuseUnrestrictedKey],
  ['restart-durable', restartDurable],
];

/** Steps without which there is nothing to go on with. */
const foundations: ReadonlySet<StepName> = new Set(['server-init', 'enrol']);

export async function tellStory(
  world: DemoWorld,
  options: {
    readonly signal: AbortSignal;
    readonly onStep: (record: StepRecord) => void;
    readonly onBegin: (name: StepName) => void;
  },
): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  const isInterrupted = (): boolean => options.signal.aborted;
  for (const [name, step] of story) {
    if (isInterrupted()) break;
    options.onBegin(name);
    const record = { name, ...(await attempt(step, world)) };
    // Ctrl-C reaches the server too: what a step makes of that is no part of the story.
    if (isInterrupted()) break;
    records.push(record);
    options.onStep(record);
    if (!record.ok && foundations.has(name)) break;
  }
  return records;
}

async function attempt(step: Step, world: DemoWorld): Promise<StepOutcome> {
  try {
    return await step(world);
  } catch (error) {
    const { code, message } = toRefusal(error).refusal;
    return { ok: false, findings: [{ code, message }], sentence: 'this step could not be shown' };
  }
}
