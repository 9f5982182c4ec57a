// Which PCRs a policy needs under the signature.
import { layers as allLayers, pcrsOfLayer, type Layer } from '../../event-log/index.ts';
import { pcrCount, type PcrSelection } from '../../tpm/index.ts';
import type { AppraisalPolicy } from './policy.ts';

/** The kernel extends this PCR with the IMA list. */
export const imaPcr = 10;

/** PCRs of firmware, boot and running system that a challenge always asks for: what no layer uses still explains a boot to
 * people. Without 16 and 23, which any program can reset, and those of IMA and DRTM. */
const alwaysAsked = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15];

const everyPcr = Array.from({ length: pcrCount }, (_, pcr) => pcr);

/** By layer, the PCRs that hold it, as bits: PCR n is bit n. */
const bitsOfLayer: ReadonlyMap<Layer, number> = new Map(
  allLayers.map((layer) => [layer, bitsOf(layer === 'runtime' ? [imaPcr] : pcrsOfLayer(layer))]),
);

function bitsOf(pcrs: readonly number[]): number {
  let bits = 0;
  for (const pcr of pcrs) bits |= 1 << pcr;
  return bits;
}

function coveredBits({ layers }: Pick<AppraisalPolicy, 'layers'>): number {
  let bits = 0;
  for (const layer of layers) bits |= bitsOfLayer.get(layer) ?? 0;
  return bits;
}

/** PCRs, ascending, without which the demanded layers cannot be proved. */
export function coveredPcrs(policy: Pick<AppraisalPolicy, 'layers'>): readonly number[] {
  return pcrsOf(coveredBits(policy));
}

/** Those of them that are not among `pcrs`. */
export function uncoveredPcrs(policy: Pick<AppraisalPolicy, 'layers'>, pcrs: readonly number[]): readonly number[] {
  return pcrsOf(coveredBits(policy) & ~bitsOf(pcrs));
}

/** Ascending. */
function pcrsOf(bits: number): readonly number[] {
  const pcrs: number[] = [];
  for (let pcr = 0; bits >>> pcr !== 0; pcr += 1) if (((bits >>> pcr) & 1) === 1) pcrs.push(pcr);
  return pcrs;
}

/** Whether the demanded layers cannot be proved without it. */
export function isCovered(pcr: number, policy: Pick<AppraisalPolicy, 'layers'>): boolean {
  return pcr < pcrCount && (coveredBits(policy) & (1 << pcr)) !== 0;
}

/** What a challenge asks the host to quote: one selection, in the bank of the policy. */
export function policyPcrSelection(policy: Pick<AppraisalPolicy, 'layers' | 'bank'>): PcrSelection {
  return { bank: policy.bank, pcrs: everyPcr.filter((pcr) => alwaysAsked.includes(pcr) || isCovered(pcr, policy)) };
}

/** Demanded layers that a PCR may hold, in the order of the boot. */
export function demandedLayersOf(pcr: number, { layers }: Pick<AppraisalPolicy, 'layers'>): readonly Layer[] {
  return allLayers.filter((layer) => layers.includes(layer) && isCovered(pcr, { layers: [layer] }));
}
