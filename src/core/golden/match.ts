// Does a layer of this boot agree with any golden measurement of that layer, and if not, with which one nearly?
import type { Layer, ReplayedLog } from '../event-log/index.ts';
import type { ApprovedGolden } from './approval.ts';
import { compareLayer, isAsExpected, type Comparison } from './compare.ts';
import { explainDifferences } from './explain.ts';
import type { LayerMatch } from './layer-match.ts';

/**
 * Holds one layer of a boot against every golden measurement of that layer. A match proves that each PCR the layer can
 * be measured into holds exactly the events (or has exactly the value) that the golden measurement expects of the
 * layer, in their order. It does not prove that other layers in the same PCR are good: a policy demands those too.
 *
 * Layer `runtime` has no events and never matches here: see `matchRuntime`.
 *
 * The order of `goldens` never matters: of several that match, the one that holds longest is named, then the least id.
 */
export function matchLayer(layer: Layer, log: ReplayedLog, goldens: readonly ApprovedGolden[]): LayerMatch {
  const observed = log.events.filter((event) => event.layer === layer);
  const candidates = goldens.filter(({ statement }) => statement.layer === layer && statement.ima === undefined);
  const [matched] = candidates.filter((golden) => isAsExpected(golden, observed, log)).sort(byEnd);
  if (matched !== undefined) return { outcome: 'matched', layer, golden: matched };
  // How near the others come is asked only where the answer is needed.
  const [nearest] = candidates.map((golden) => compareLayer(golden, observed, log)).sort(byNearness);
  if (nearest === undefined) return { outcome: 'no-golden', layer };
  const { golden, differences } = nearest;
  const isUnproven = differences.some(({ kind }) => kind.startsWith('pcr-'));
  if (observed.length === 0 && !isUnproven) return { outcome: 'not-observed', layer, nearest: golden };
  return { outcome: 'diverged', layer, nearest: golden, divergence: explainDifferences(layer, differences, log) };
}

/** Less than nothing where `left` describes the layer of this boot better than `right`; 0 where both do equally well. */
export function compareNearness(log: ReplayedLog, left: ApprovedGolden, right: ApprovedGolden): number {
  const [one, other] = [left, right].map((golden) => {
    const observed = log.events.filter((event) => event.layer === golden.statement.layer);
    return compareLayer(golden, observed, log);
  });
  return one === undefined || other === undefined ? 0 : byAgreement(one, other);
}

function byNearness(left: Comparison, right: Comparison): number {
  return byAgreement(left, right) || byEnd(left.golden, right.golden);
}

function byAgreement(left: Comparison, right: Comparison): number {
  return right.common - left.common || right.prefix - left.prefix || left.differences.length - right.differences.length;
}

function byEnd(left: ApprovedGolden, right: ApprovedGolden): number {
  return endOf(right) - endOf(left) || (left.id < right.id ? -1 : 1);
}

/** When a golden measurement ends: the farthest date there is where it does not say. */
function endOf({ statement }: ApprovedGolden): number {
  return statement.notAfter?.getTime() ?? 8.64e15;
}
