// What an appraisal may remember of a list of IMA, and when it may use that again: `log-memory.ts` for the layer `runtime`. A list of a
// few thousand files costs more than all else of an attestation together, and grows by a file now and then.
//
// As there, what comes back is what would be computed. What the beginning of a list proved is used only for a list that begins with the
// same bytes, by a digest computed here; under the same policy and golden measurements, which are objects that never change, and at a
// time at which the same of them hold. What another quote says is held against the list anew: PCR 10 and the boot aggregate. Where
// that leads to anything but a match, the list is gone through from boot, so that a refusal is the one that anybody would get.
import { validityAround, type ValidityWindow } from '../golden/index.ts';
import { createAttempt } from './attempt.ts';
import { checkIma, type ProvenRuntime, type RuntimeBasis, type RuntimeOutcome } from './checks/check-ima.ts';
import { beginningOf, nameOfLog } from './named-log.ts';

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
  readonly validity: ValidityWindow;
  /** The PCR values, by what the TPM signed of them, and those at the start of the kernel, that led to this outcome. */
  readonly quoted: string;
  readonly atKernelStart: RuntimeBasis['atKernelStart'];
  readonly outcome: MatchedRuntime;
}

type MatchedRuntime = RuntimeOutcome & { readonly proven: ProvenRuntime };

/** As `checkIma`, and the same outcome, with or without a memory. Refusals are not remembered. */
export function recallIma(
  imaLog: Uint8Array | undefined,
  basis: RuntimeBasis,
  memory: RuntimeMemory | undefined,
): RuntimeOutcome {
  if (memory === undefined || imaLog === undefined || !basis.policy.layers.includes('runtime'))
    return checkIma(imaLog, basis);
  const { pcrs, atKernelStart, policy, trust, at } = basis;
  const name = nameOfLog(imaLog);
  const own = holding(memory.get(name), basis);
  if (own?.quoted === pcrs.quoted && own.atKernelStart === atKernelStart) return own.outcome;
  const before = beginningOf(imaLog);
  const known = own ?? holding(before && memory.get(nameOfLog(before)), basis);
  const outcome = (known && goOn(imaLog, basis, known.outcome.proven)) ?? checkIma(imaLog, basis);
  if (isMatched(outcome)) {
    const validity = known?.validity ?? validityAround(trust.goldens, at);
    const { quoted } = pcrs;
    memory.set(name, { policy, goldens: trust.goldens, validity, quoted, atKernelStart, outcome } as RememberedRuntime);
  }
  return outcome;
}

function holding(known: RememberedRuntime | undefined, { policy, trust, at }: RuntimeBasis) {
  const now = at.getTime();
  const holds = known?.policy === policy && known.goldens === trust.goldens;
  return holds && known.validity.from <= now && now < known.validity.until ? known : undefined;
}

/** Undefined where what is known is no help: what is wrong is told by who goes through all of it. */
function goOn(imaLog: Uint8Array, basis: RuntimeBasis, before: ProvenRuntime): RuntimeOutcome | undefined {
  const outcome = checkIma(imaLog, { ...basis, attempt: createAttempt([]) }, before);
  return isMatched(outcome) ? outcome : undefined;
}

function isMatched(outcome: RuntimeOutcome): outcome is MatchedRuntime {
  return outcome.proven !== undefined;
}
