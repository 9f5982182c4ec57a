// The last events that firmware extends: the hand-over to the operating system, in PCR 5. [TCG-PFP §8.2.4]
import { hash, hashChain, type HashAlgorithm } from '../crypto/index.ts';
import { encodeUtf8 } from '../encoding/index.ts';

export const exitBootServicesActions = {
  invocation: encodeUtf8('Exit Boot Services Invocation'),
  success: encodeUtf8('Exit Boot Services Returned with Success'),
  failure: encodeUtf8('Exit Boot Services Returned with Failure'),
};

export type ExitBootServicesStep = keyof typeof exitBootServicesActions;

const endings: readonly (readonly ExitBootServicesStep[])[] = [
  ['invocation', 'success'],
  ['invocation', 'failure'],
  ['invocation', 'failure', 'success'],
];

export interface UnloggedEnding {
  readonly steps: readonly ExitBootServicesStep[];
  readonly value: Uint8Array;
}

/** A log that was read before boot services ended, or by an old kernel, lacks these events: where PCR 5 may stand after
 * them, by each of the three ways in which they can end. The events are constants, so a match proves them. */
export function unloggedEndings(bank: HashAlgorithm, replayed: Uint8Array): readonly UnloggedEnding[] {
  return endings.map((steps) => {
    const digests = steps.map((step) => hash(bank, exitBootServicesActions[step]));
    return { steps, value: hashChain(bank, replayed, digests) };
  });
}
