// What a policy leaves open: for the operator who writes it, before any host is judged by it. [PEERS T21]
import { layers, pcrsOfLayer, type Layer } from '../event-log/index.ts';
import { coveredPcrs } from './coverage.ts';
import type { AppraisalPolicy } from './policy.ts';

/** A stage of the boot that the policy does not demand: whatever a host starts there, its verdict stays the same. */
export interface PolicyGap {
  readonly layer: Layer;
  /** PCRs of the stage that nothing else which is demanded explains: their values do not matter at all. */
  readonly uncovered: readonly number[];
  readonly message: string;
}

/** The stages from power-on to the kernel. What ran after them (`runtime`) is a demand of its own. */
const bootStages = layers.filter((layer) => layer !== 'runtime' && layer !== 'confidential-guest');

/** In the order of the boot; empty where the whole boot is demanded. */
export function readPolicyGaps(policy: Pick<AppraisalPolicy, 'layers'>): readonly PolicyGap[] {
  const covered = coveredPcrs(policy);
  return bootStages
    .filter((layer) => !policy.layers.includes(layer))
    .map((layer): PolicyGap => {
      const uncovered = pcrsOfLayer(layer).filter((pcr) => !covered.includes(pcr));
      const registers = uncovered.length === 0 ? '' : ` Nothing that is demanded covers PCR ${uncovered.join(', ')}.`;
      const message = `The policy does not demand layer ${layer}: a host may boot anything there and stay trusted.${registers}`;
      return { layer, uncovered, message };
    });
}
