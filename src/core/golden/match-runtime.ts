// Is everything that a host measured while it ran approved by somebody?
import {
  entriesToJudge,
  fileDigestName,
  judgeEntry,
  type ImaAllowList,
  type ImaEntry,
  type ImaRefusalReason,
  type RefusedEntry,
  type VerifiedImaList,
} from '../ima/index.ts';
import type { ApprovedGolden } from './approval.ts';

export type RuntimeMatch =
  /** `goldens`: those that approve or exclude an entry, the one with the most entries first. */
  | { readonly outcome: 'matched'; readonly goldens: readonly ApprovedGolden[]; readonly tally: RuntimeTally }
  /** No golden measurement of this layer was given: nothing to verify, which is a refusal. */
  | { readonly outcome: 'no-golden' }
  /** The list holds no file that anybody looks at: IMA has no policy, or everything is excluded. */
  | { readonly outcome: 'not-observed' }
  | { readonly outcome: 'diverged'; readonly refused: readonly RefusedEntry[] };

/** What was counted of a list so far. When the list has grown, counting goes on from here. */
export interface RuntimeTally {
  /** Entries that a golden measurement approves or excludes, in the order of its first one. */
  readonly byGolden: ReadonlyMap<ApprovedGolden, number>;
  /** Entries that are bound and approved. */
  readonly approved: number;
}

const nothingYet: RuntimeTally = { byGolden: new Map(), approved: 0 };

/** After so many refused entries no signature is verified any more: the verdict is certain, and the work must end. */
const maximumRefusedSignatures = 512;

/**
 * Holds a list against the golden measurements of layer `runtime`, which compose: a file is good when any of them has
 * its digest or a key that signed it, and it is not looked at when any of them excludes its path. So an exclusion that a
 * quorum signed once holds beside every other statement, until its statement is retired.
 *
 * A match proves that each measured file is approved. It does not prove that nothing else ran: IMA measures what the
 * kernel's policy names, so the kernel and its command line must be demanded too.
 *
 * @param before where `list` was verified from a checkpoint on: the tally up to there, by the same golden measurements.
 */
export function matchRuntime(
  list: VerifiedImaList,
  goldens: readonly ApprovedGolden[],
  before = nothingYet,
): RuntimeMatch {
  const allowed = goldens.flatMap(readAllowList).sort((left, right) => (left.golden.id < right.golden.id ? -1 : 1));
  if (allowed.length === 0) return { outcome: 'no-golden' };
  const counts = new Map(before.byGolden);
  const refused: RefusedEntry[] = [];
  let { approved } = before;
  for (const entry of entriesToJudge(list)) {
    const judgement = judgeByAll(entry, allowed, refused.length < maximumRefusedSignatures);
    if (judgement.golden === undefined) {
      refused.push({ entry, reason: judgement.reason });
      continue;
    }
    counts.set(judgement.golden, (counts.get(judgement.golden) ?? 0) + 1);
    // What no quote binds may be made up: it can refuse a host, and shows nothing good of one.
    if (!judgement.isExcluded && entry.pcr === list.pcr) approved += 1;
  }
  if (refused.length > 0) return { outcome: 'diverged', refused };
  if (approved === 0) return { outcome: 'not-observed' };
  const used = [...counts].sort(([, left], [, right]) => right - left).map(([golden]) => golden);
  return { outcome: 'matched', goldens: used, tally: { byGolden: counts, approved } };
}

interface GoldenAllowList {
  readonly golden: ApprovedGolden;
  readonly byDigest: ImaAllowList;
  readonly bySigner: ImaAllowList;
}

/** The set of digests of each golden measurement, which never changes: looked up in, where a statement lists thousands. */
const allowLists = new WeakMap<ApprovedGolden, GoldenAllowList>();

function readAllowList(golden: ApprovedGolden): readonly GoldenAllowList[] {
  const { layer, ima } = golden.statement;
  if (layer !== 'runtime' || ima === undefined) return [];
  let list = allowLists.get(golden);
  if (list === undefined) {
    const { signers, excludedPaths } = ima;
    const digests = new Set(ima.digests.map(({ digest }) => digest));
    const byDigest = { digests, signers: [], excludedPaths };
    list = { golden, byDigest, bySigner: { digests: new Set<string>(), signers, excludedPaths: [] } };
    allowLists.set(golden, list);
  }
  return [list];
}

type Judgement =
  | { readonly golden: ApprovedGolden; readonly isExcluded: boolean }
  | { readonly golden: undefined; readonly reason: ImaRefusalReason };

/** By digest in every list first, then by signature: verifying one is a thousand times the work. */
function judgeByAll(entry: ImaEntry, allowed: readonly GoldenAllowList[], opensSignatures: boolean): Judgement {
  const name = fileDigestName(entry);
  for (const { golden, byDigest } of allowed) {
    const judgement = judgeEntry(entry, byDigest, name);
    if (judgement === 'approved' || judgement === 'excluded') return { golden, isExcluded: judgement === 'excluded' };
  }
  const signed = opensSignatures && allowed.find(({ bySigner }) => judgeEntry(entry, bySigner, name) === 'approved');
  if (signed) return { golden: signed.golden, isExcluded: false };
  return { golden: undefined, reason: entry.violation ? 'violation' : 'unknown-digest' };
}
