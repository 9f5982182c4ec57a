// Which layer of the host an event belongs to.
//
// The type and the path that steer this are not authenticated. That is safe because golden matching demands that every
// event of a covered PCR is claimed by exactly one layer and that each layer's list is matched whole: a false label can
// move an event into another layer, where it is not expected either; it can never hide one. And a PCR can hold only the
// layers listed for it here.

/** Up to the running system, in the order of a boot. */
export const bootLayers = [
  'firmware',
  'secure-boot',
  'boot-loader',
  'kernel',
  'kernel-command-line',
  'initrd',
] as const;

export const layers = [...bootLayers, 'runtime', 'confidential-guest'] as const;

export type Layer = (typeof layers)[number];

/** The layers that the events of one PCR may belong to. A PCR that is not listed holds host noise and has none. */
const layersByPcr: ReadonlyMap<number, readonly Layer[]> = new Map<number, readonly Layer[]>([
  [0, ['firmware']],
  [2, ['firmware']],
  [4, ['boot-loader', 'kernel']],
  [7, ['secure-boot']],
  [8, ['kernel-command-line']],
  [9, ['boot-loader', 'kernel', 'kernel-command-line', 'initrd']],
  [11, ['kernel', 'kernel-command-line', 'initrd']],
  [12, ['kernel-command-line']],
  [14, ['secure-boot']],
]);

const none: readonly Layer[] = [];

/** Those that have events in this PCR; none for a PCR that belongs to no layer. */
export function layersOfPcr(pcr: number): readonly Layer[] {
  return layersByPcr.get(pcr) ?? none;
}

const pcrsByLayer: ReadonlyMap<Layer, readonly number[]> = new Map(
  layers.map((layer) => [layer, [...layersByPcr].filter(([, held]) => held.includes(layer)).map(([pcr]) => pcr)]),
);

/** The PCRs, ascending, whose events can belong to `layer`. */
export function pcrsOfLayer(layer: Layer): readonly number[] {
  return pcrsByLayer.get(layer) ?? [];
}
