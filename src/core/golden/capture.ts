// Capture: the boot of a host we believe to be good, split into one statement for each layer.
import type { VerifiedImaList } from '../ima/index.ts';
import { layers, pcrsOfLayer, type BoundEvent, type Layer, type ReplayedLog } from '../event-log/index.ts';
import { createRuntimeStatements } from './capture-runtime.ts';
import { describeCapture, type CaptureOrigin } from './captured-statement.ts';
import { signable } from './describe-log.ts';
import type { ExpectedEvent, GoldenStatement } from './statement.ts';

export interface CaptureOptions extends CaptureOrigin {
  /** What the host's kernel measured while it ran: proposes layer `runtime`. */
  readonly ima?: VerifiedImaList;
}

/** Why a layer cannot be captured: one of its PCRs is not what the log leads to. */
export interface CaptureGap {
  readonly layer: Layer;
  readonly pcr: number;
  readonly status: 'mismatch' | 'unlogged';
}

/**
 * One statement for each layer the log holds events of, in the order of the layers, then those of layer `runtime`. A
 * capture is a proposal and proves only that this host booted so: operators sign it, or do not. Layers with a gap are
 * left out (`readCaptureGaps`).
 */
export function createGoldenStatements(log: ReplayedLog, options: CaptureOptions = {}): readonly GoldenStatement[] {
  const gaps = readCaptureGaps(log);
  const boot = layers
    .filter((layer) => !gaps.some((gap) => gap.layer === layer))
    .map((layer) => createStatement(layer, log, options))
    .filter((statement) => statement.events.length > 0);
  return options.ima === undefined ? boot : [...boot, ...createRuntimeStatements(options.ima, options)];
}

/** The layers that cannot be captured, each with the first PCR that the log does not explain. */
export function readCaptureGaps(log: ReplayedLog): readonly CaptureGap[] {
  return layers.flatMap((layer): CaptureGap[] => {
    for (const pcr of pcrsOfLayer(layer)) {
      const status = log.pcrs.get(pcr);
      if (status === 'mismatch') return [{ layer, pcr, status }];
      if (status === 'unlogged' && !isUntouched(log, pcr)) return [{ layer, pcr, status }];
    }
    return [];
  });
}

/** Whether an attested PCR was never extended in this boot: zero, which no extension can lead back to. */
export function isUntouched(log: ReplayedLog, pcr: number): boolean {
  return log.attested.get(pcr)?.every((byte) => byte === 0) ?? false;
}

function createStatement(layer: Layer, log: ReplayedLog, origin: CaptureOrigin): GoldenStatement {
  const events = log.events.filter((event) => event.layer === layer).map(expectEvent);
  return describeCapture({ layer, events, pcrs: [] }, origin);
}

function expectEvent({ pcr, digest, description }: BoundEvent): ExpectedEvent {
  return { pcr, digests: new Map([[digest.alg, digest.value]]), description: signable(description) };
}
