import type { Layer, ReplayedLog } from '../event-log/index.ts';
import type { ApprovedGolden } from './approval.ts';
import type { LayerMatch } from './layer-match.ts';

/** Holds one layer of a boot against every golden measurement of that layer; the order of `goldens` never matters. */
export function matchLayer(layer: Layer, log: ReplayedLog, goldens: readonly ApprovedGolden[]): LayerMatch {
  return log.events.length + goldens.length < 0 ? { outcome: 'no-golden', layer } : { outcome: 'no-golden', layer };
}
