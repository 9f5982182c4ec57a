// What an appraisal may remember of a list of IMA, and when it may use that again: `log-memory.ts` for the layer `runtime`. A list of a
// few thousand files costs more than all else of an attestation together, and stays what it is for as long as nothing new runs.
//
// As there, what comes back is what would be computed: it is used only where every input is what it was. The list by a digest
// computed here, PCR values that the quote at hand proves, policy, golden measurements and values at the start of the kernel as
// objects that never change, and a time at which the same golden measurements hold.
import { validityAround, type ValidityWindow } from '../golden/index.ts';
import { checkIma, type RuntimeBasis, type RuntimeOutcome } from './checks/check-ima.ts';
import { nameOfLog } from './named-log.ts';

/** May forget anything at any time. */
export interface RuntimeMemory {
  get(key: string): RememberedRuntime | undefined;
  set(key: string, runtime: RememberedRuntime): void;
}

declare const made: unique symbol;

/** Made by `recallIma` only. Holds no bytes of any list. */
export interface RememberedRuntime {
  readonly [made]: true;
  readonly policy: RuntimeBasis['policy'];
  readonly goldens: RuntimeBasis['trust']['goldens'];
  readonly atKernelStart: RuntimeBasis['atKernelStart'];
  readonly validity: ValidityWindow;
  readonly outcome: RuntimeOutcome;
}

/** As `checkIma`, and the same outcome, with or without a memory. Refusals are not remembered. */
export function recallIma(
  imaLog: Uint8Array | undefined,
  basis: RuntimeBasis,
  memory: RuntimeMemory | undefined,
): RuntimeOutcome {
  const { pcrs, policy, trust, atKernelStart, at } = basis;
  if (memory === undefined || imaLog === undefined || !policy.layers.includes('runtime'))
    return checkIma(imaLog, basis);
  const key = `${nameOfLog(imaLog)} ${pcrs.quoted}`;
  const known = memory.get(key);
  if (known !== undefined && stillHolds(known, basis)) return known.outcome;
  const outcome = checkIma(imaLog, basis);
  if (isWorthRemembering(outcome)) {
    const validity = validityAround(trust.goldens, at);
    memory.set(key, { policy, goldens: trust.goldens, atKernelStart, validity, outcome } as RememberedRuntime);
  }
  return outcome;
}

/** Successes only: their findings name no host. */
function isWorthRemembering({ goldens, findings }: RuntimeOutcome): boolean {
  return goldens.length > 0 && findings.every(({ severity }) => severity !== 'error');
}

function stillHolds({ policy, goldens, atKernelStart, validity }: RememberedRuntime, basis: RuntimeBasis): boolean {
  const at = basis.at.getTime();
  const isSame = policy === basis.policy && goldens === basis.trust.goldens && atKernelStart === basis.atKernelStart;
  return isSame && validity.from <= at && at < validity.until;
}
