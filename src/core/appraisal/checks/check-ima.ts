// Claim 7 of `appraise`: every file that the kernel measured is approved, where the policy demands the layer runtime.
import { counted, printable } from '../../encoding/index.ts';
import {
  isValidAt,
  matchRuntime,
  type ApprovedGolden,
  type RuntimeMatch,
  type RuntimeTally,
} from '../../golden/index.ts';
import {
  fileDigestName,
  parseImaList,
  verifyImaList,
  type ImaCheckpoint,
  type RefusedEntry,
  type VerifiedImaList,
} from '../../ima/index.ts';
import type { AttestedPcrs } from '../../tpm/index.ts';
import type { Finding } from '../../verdict/index.ts';
import type { Attempt } from '../attempt.ts';
import { announceEnd, captureCommand, explainNoGolden } from './check-layers.ts';
import { imaPcr } from '../policy/coverage.ts';
import type { Trust } from '../evidence.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

const check = 'runtime';
const layer = 'runtime';

/** Findings that name one entry each; the others are counted. */
const namedEntries = 20;

export interface RuntimeOutcome {
  /** Golden measurements that approve what ran, the most used first. Empty: not demanded, or not matched. */
  readonly goldens: readonly ApprovedGolden[];
  readonly findings: readonly Finding[];
  /** Where golden measurements matched: from there a list that begins with the same bytes is gone on with. */
  readonly proven?: ProvenRuntime;
}

export interface ProvenRuntime {
  readonly checkpoint: ImaCheckpoint;
  readonly tally: RuntimeTally;
}

export interface RuntimeBasis {
  readonly pcrs: AttestedPcrs;
  /** The aggregate is of the PCRs as the boot left them; the running system may have extended them since. */
  readonly atKernelStart: AttestedPcrs['banks'] | undefined;
  readonly trust: Trust;
  readonly policy: AppraisalPolicy;
  readonly at: Date;
  readonly attempt: Attempt;
}

/** What the kernel measured while the host ran (IMA), when the policy demands layer `runtime`; else nobody looks.
 * @param before what the beginning of this list proved, under the same policy and golden measurements that hold */
export function checkIma(imaLog: Uint8Array | undefined, basis: RuntimeBasis, before?: ProvenRuntime): RuntimeOutcome {
  const { pcrs, atKernelStart, policy, attempt } = basis;
  if (!policy.layers.includes(layer)) return { goldens: [], findings: [] };
  if (imaLog === undefined) {
    const message = 'The policy demands layer runtime, and the host sent no IMA list.';
    return { goldens: [], findings: [createFinding('RUNTIME_LIST_ABSENT', { check, layer, pcr: imaPcr, message })] };
  }
  const from = before && { checkpoint: before.checkpoint };
  const list = attempt(check, () =>
    verifyImaList({ list: parseImaList(imaLog, before?.checkpoint), pcrs, atKernelStart, ...from }),
  );
  // A list that is bound in another bank only is not bound as the policy demands: check-quote has said so.
  const bank = list?.checkpoint.banks.get(policy.bank);
  if (list === undefined || bank === undefined) return { goldens: [], findings: [] };
  const outcome = judge(list, basis, before?.tally);
  return { ...outcome, findings: [...outcome.findings, ...describeList(list, bank.mode)] };
}

function judge(list: VerifiedImaList, { trust, at }: RuntimeBasis, before?: RuntimeTally): RuntimeOutcome {
  const known = trust.goldens.filter(({ statement }) => statement.layer === layer);
  const match = matchRuntime(
    list,
    known.filter(({ statement }) => isValidAt(statement, at)),
    before,
  );
  if (match.outcome === 'matched') {
    const findings = match.goldens.flatMap((golden) => announceEnd(golden, check, at));
    return { goldens: match.goldens, findings, proven: { checkpoint: list.checkpoint, tally: match.tally } };
  }
  return {
    goldens: [],
    findings: explain(match, { known: known.length, remedy: captureCommand(trust.host.id, layer) }),
  };
}

function explain(
  match: Exclude<RuntimeMatch, { outcome: 'matched' }>,
  { known, remedy }: { readonly known: number; readonly remedy: string },
): readonly Finding[] {
  switch (match.outcome) {
    case 'no-golden':
      return [explainNoGolden(check, layer, { known, remedy })];
    case 'not-observed': {
      const message =
        'The IMA list names no file that golden measurements look at, so nothing of layer runtime is known.';
      return [createFinding('RUNTIME_NOT_OBSERVED', { check, layer, pcr: imaPcr, message })];
    }
    case 'diverged':
      return explainRefused(match.refused, remedy);
  }
}

/** The count first, then the first entries by name: a host that runs thousands of strange files gets a short answer. */
function explainRefused(refused: readonly RefusedEntry[], remedy: string): readonly Finding[] {
  const unknown = refused.filter(({ reason }) => reason === 'unknown-digest').length;
  const rest = refused.length - namedEntries;
  const named = refused.slice(0, namedEntries).map((entry) => explainEntry(entry));
  if (unknown === 0 && rest <= 0) return named;
  const counts = `Measured files that nobody approved: ${unknown}; that changed while measured: ${refused.length - unknown}`;
  const message = `${counts}${rest > 0 ? ` (the first ${namedEntries} are named here)` : ''}.`;
  const details = {
    check,
    layer,
    pcr: imaPcr,
    message,
    remedy: `If the change is yours, accept it: ${remedy}`,
  } as const;
  return [createFinding(unknown === 0 ? 'RUNTIME_VIOLATION' : 'RUNTIME_DIVERGED', details), ...named];
}

function explainEntry({ entry, reason }: RefusedEntry): Finding {
  const path = printable(entry.path, 1024);
  const place = { check, layer, pcr: imaPcr, event: entry.index } as const;
  if (reason === 'violation') {
    const message = `The file ${path} changed while it was measured (layer runtime, IMA entry ${entry.index}).`;
    return createFinding('RUNTIME_VIOLATION', { ...place, observed: path, message });
  }
  const observed = `${path} [${printable(fileDigestName(entry), 160)}]`;
  const message = `Nobody approved ${path} (layer runtime, IMA entry ${entry.index}).`;
  return createFinding('RUNTIME_FILE_REFUSED', { ...place, observed, message });
}

function describeList(list: VerifiedImaList, mode: VerifiedImaList['mode']): readonly Finding[] {
  const findings: Finding[] = [];
  if (mode === 'padded-sha1') {
    const message = 'The kernel extends PCR 10 with SHA-1 digests, so its list is bound no stronger than SHA-1.';
    findings.push(createFinding('RUNTIME_SHA1_ONLY', { check, layer, pcr: imaPcr, message }));
  }
  if (list.unverifiedEntries > 0) {
    const message = `The IMA list has ${counted(list.unverifiedEntries, 'more entry', 'more entries')} than the quote covers.`;
    findings.push(createFinding('RUNTIME_ENTRIES_LATER', { check, layer, pcr: imaPcr, message }));
  }
  return findings;
}
