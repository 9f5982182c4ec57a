// What no server can leave out of an attestation, beside reading and answering: the bare calls, with nothing around them.
import { join } from 'node:path';
import { createCase } from '../evidence.ts';
import { commitFloor, tokenFloor } from '../floors.ts';
import { nativeInput, nativeSignature, nativeWork } from '../native-work.ts';

/** Tells the floor what to do before it answers; without it, nothing. */
export const floorHeader = 'x-floor';

/** `challenge`: the proof of a request. `held`, `sent`: an attestation whose log is unchanged, and one with its log. */
export type FloorWork = 'challenge' | 'held' | 'sent';

export async function createFloorWork(folder: string): Promise<(work: FloorWork) => void> {
  const native = nativeInput(await createCase('ecc'));
  const proof = (): boolean => nativeSignature(native);
  const signToken = tokenFloor();
  const store = commitFloor(join(folder, 'floor.db'));
  const pieces: Readonly<Record<FloorWork, readonly (() => unknown)[]>> = {
    challenge: [proof],
    held: [proof, () => nativeSignature(native), signToken, store],
    sent: [proof, () => nativeWork(native), signToken, store],
  };
  return (work) => {
    for (const piece of pieces[work]) piece();
  };
}
