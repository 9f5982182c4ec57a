// What an appraisal may remember of the logs of a boot, and when it may use that again. A fleet of a million hosts runs a few
// dozen boots, and a host sends the same log until it boots again.
//
// A memory is not part of the trusted base. What it brings back is used only where every input is what it was: the logs by
// digests computed here, PCR values that the quote at hand proves, policy and golden measurements as objects that never
// change, and a time at which the same of them hold. Signature, nonce, PCR digest, boot counters, endorsement, IMA list and
// the times of the verdict are looked at anew for every quote.
import { validityAround, type ValidityWindow } from '../golden/index.ts';
import { appraiseLog, type LogAppraisal, type LogBasis, type StandingTrust } from './appraise-log.ts';
import { nameOfLog, type NamedLog } from './named-log.ts';

/** May forget anything at any time. */
export interface LogMemory {
  get(key: string): RememberedLog | undefined;
  set(key: string, log: RememberedLog): void;
}

declare const made: unique symbol;

/** Made by `recallLog` only. Holds no bytes of any log. */
export interface RememberedLog {
  readonly [made]: true;
  readonly trust: StandingRecords;
  readonly policy: LogBasis['policy'];
  readonly validity: ValidityWindow;
  readonly appraisal: LogAppraisal;
}

/** As `appraiseLog`, and the same outcome, with or without a memory. Refusals are not remembered. */
export function recallLog(basis: LogBasis, memory: LogMemory | undefined): LogAppraisal {
  const { eventLog } = basis;
  if (memory === undefined || eventLog === undefined) return appraiseLog(basis);
  const key = keyOf(eventLog, basis);
  const known = memory.get(key);
  if (known !== undefined && stillHolds(known, basis)) return known.appraisal;
  const appraisal = appraiseLog(basis);
  if (isWorthRemembering(appraisal, basis)) {
    const { trust, policy, at } = basis;
    memory.set(key, {
      trust: { goldens: trust.goldens, denied: trust.denied },
      policy,
      validity: validityAround(trust.goldens, at, trust.denied?.ends),
      appraisal,
    } as RememberedLog);
  }
  return appraisal;
}

/** The evidence, exactly: both logs by digest, and the PCR values by what the TPM signed of them. */
function keyOf(eventLog: NamedLog, { userspaceLog, pcrs }: LogBasis): string {
  const userspace = userspaceLog === undefined ? '' : nameOfLog(userspaceLog);
  return `${nameOfLog(eventLog)} ${userspace} ${pcrs.quoted}`;
}

/** What a boot may have to say for itself and still be remembered: hosts choose how many events they measure. */
const maximumFindings = 64;

/** Whole successes only. Each demanded layer matched, so no finding proposes a command that names a host. */
function isWorthRemembering({ matched, findings, factFindings, denials }: LogAppraisal, { policy }: LogBasis): boolean {
  if (matched === undefined || policy === undefined || denials.length > 0) return false;
  const said = [...findings, ...factFindings];
  const isWhole = policy.layers.every((layer) => layer === 'runtime' || matched.has(layer));
  return isWhole && said.length <= maximumFindings && said.every(({ severity }) => severity !== 'error');
}

function stillHolds({ trust, policy, validity }: RememberedLog, basis: LogBasis): boolean {
  const at = basis.at.getTime();
  return policy === basis.policy && validity.from <= at && at < validity.until && isSameTrust(trust, basis.trust);
}

type StandingName = keyof Omit<StandingTrust, 'host'>;
type StandingRecords = Readonly<Record<StandingName, unknown>>;

/** Whatever is added to `Trust` does not compile before it stands here, or in `OfOneHost`. */
const standingNames = Object.keys({ goldens: true, denied: true } satisfies Record<
  StandingName,
  true
>) as StandingName[];

/** The very same objects: nothing in force is ever changed in place. */
function isSameTrust(known: StandingRecords, trust: StandingTrust): boolean {
  return standingNames.every((name) => known[name] === trust[name]);
}
