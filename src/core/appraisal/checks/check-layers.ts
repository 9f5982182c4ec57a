// Claim 6 of `appraise`: each demanded layer is what operators signed; else where it differs, and what to do.
import {
  endsSoon,
  isValidAt,
  matchLayer,
  shortGoldenId,
  type ApprovedGolden,
  type LayerMatch,
} from '../../golden/index.ts';
import { readFacts, type Layer, type ReplayedLog } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import type { Trust } from '../evidence.ts';
import { createFinding, type CheckName, type FindingDetails } from '../finding.ts';
import { findings as rows, type FindingCode } from '../findings.table.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

const check = 'layers';

export interface LayerOutcome {
  /** What each layer matched, for the layers that did. */
  readonly matched: ReadonlyMap<Layer, ApprovedGolden>;
  readonly findings: readonly Finding[];
}

/** Each demanded layer of the boot must match a golden measurement that holds at this time. For `runtime` see check-ima. */
export function checkLayers(
  log: ReplayedLog,
  trust: Pick<Trust, 'host' | 'goldens'>,
  policy: AppraisalPolicy,
  at: Date,
): LayerOutcome {
  const matched = new Map<Layer, ApprovedGolden>();
  const findings: Finding[] = [];
  for (const layer of policy.layers.filter((demanded) => demanded !== 'runtime')) {
    const goldens = trust.goldens.filter(({ statement }) => statement.layer === layer);
    const match = matchLayer(
      layer,
      log,
      goldens.filter(({ statement }) => isValidAt(statement, at)),
    );
    if (match.outcome === 'matched') {
      matched.set(layer, match.golden);
      findings.push(...announceEnd(match.golden, check, at));
    } else if (isSwitchedOff(match, log)) {
      // First: what else differs is often the consequence of it.
      findings.unshift(...explainDivergence(match, switchOnFirst(trust.host.id)));
    } else findings.push(...explain(match, goldens, trust.host.id));
  }
  return { matched, findings: withoutRepetition(findings) };
}

/** Said while the verdict is still good. */
export function announceEnd(golden: ApprovedGolden, check: CheckName, at: Date): Finding[] {
  if (!endsSoon(golden.statement, at)) return [];
  const { layer, notAfter } = golden.statement;
  const end = notAfter?.toISOString() ?? '';
  const message = `Golden measurement ${shortGoldenId(golden.id)} of layer ${layer} ends at ${end}.`;
  return [createFinding('LAYER_GOLDEN_ENDS', { check, layer, expected: end, message })];
}

type Mismatch = Exclude<LayerMatch, { outcome: 'matched' }>;

function explain(match: Mismatch, goldens: readonly ApprovedGolden[], host: string): Finding[] {
  const { layer } = match;
  const remedy = captureCommand(host, layer);
  switch (match.outcome) {
    case 'no-golden':
      return [explainNoGolden(check, layer, { known: goldens.length, remedy })];
    case 'not-observed': {
      const message = `This boot measured nothing of layer ${layer}, which golden measurement ${shortGoldenId(match.nearest.id)} describes.`;
      return [createFinding('LAYER_NOT_OBSERVED', { check, layer, golden: match.nearest.id, message })];
    }
    case 'diverged':
      return explainDivergence(match, { capture: remedy, remedy: `If the change is yours, accept it: ${remedy}` });
  }
}

type Diverged = Extract<LayerMatch, { outcome: 'diverged' }>;

/** Whether what differs is the variable that says that Secure Boot is off. */
function isSwitchedOff(match: Mismatch, log: ReplayedLog): match is Diverged {
  if (match.outcome !== 'diverged' || match.layer !== 'secure-boot') return false;
  const { value, event } = readFacts(log).secureBoot;
  return value === 'disabled' && event !== undefined && event === match.divergence.event;
}

function switchOnFirst(host: string): Advice {
  const capture = captureCommand(host, 'secure-boot');
  const remedy = `${rows.FACT_SECURE_BOOT_DISABLED.remedy} Only where it is to stay off, accept that: ${capture}`;
  return { capture, remedy };
}

/** No golden measurement of the layer at all, or none that holds now. */
export function explainNoGolden(
  check: CheckName,
  layer: Layer,
  { known, remedy }: { readonly known: number; readonly remedy: string },
): Finding {
  const message =
    known === 0
      ? `The policy demands layer ${layer}, and no active golden measurement describes it.`
      : `The policy demands layer ${layer}, and none of its golden measurements (${known}) holds at this time.`;
  return createFinding(known === 0 ? 'LAYER_GOLDEN_NONE' : 'LAYER_GOLDEN_NOT_VALID', {
    check,
    layer,
    message,
    remedy,
  });
}

interface Advice {
  /** Proposes this boot's layer as good. */
  readonly capture: string;
  /** What to do about a difference. */
  readonly remedy: string;
}

function explainDivergence(match: Diverged, { capture, remedy }: Advice): Finding[] {
  const { layer, nearest, divergence } = match;
  const { kind, pcr, event, expected, observed, explanation } = divergence;
  const details: FindingDetails = {
    check,
    layer,
    pcr,
    ...(event === undefined ? {} : { event }),
    golden: nearest.id,
    ...(expected === undefined ? {} : { expected: sideText(expected) }),
    ...(observed === undefined ? {} : { observed: sideText(observed) }),
    message: `${explanation} (layer ${layer}, ${placeOf(pcr, event)}, nearest golden measurement ${shortGoldenId(nearest.id)}).`,
  };
  switch (kind) {
    case 'pcr-not-attested': // said by check-quote
    case 'pcr-mismatch': // said by check-event-log
      return [];
    case 'pcr-unlogged':
      return [createFinding('LAYER_PCR_UNLOGGED', details)];
    case 'pcr-value':
      return [createFinding('LAYER_PCR_VALUE_DIVERGED', details)];
    case 'bank-missing':
      return [createFinding('LAYER_GOLDEN_BANK_MISSING', { ...details, remedy: capture })];
    case 'event-replaced':
    case 'event-extra':
    case 'event-missing':
    case 'events-reordered':
      return [createFinding(divergedCodes[layer], { ...details, remedy })];
  }
}

const divergedCodes: Readonly<Record<Layer, FindingCode>> = {
  firmware: 'FIRMWARE_DIVERGED',
  'secure-boot': 'SECURE_BOOT_DIVERGED',
  'boot-loader': 'BOOT_LOADER_DIVERGED',
  kernel: 'KERNEL_DIVERGED',
  'kernel-command-line': 'KERNEL_COMMAND_LINE_DIVERGED',
  initrd: 'INITRD_DIVERGED',
  runtime: 'RUNTIME_DIVERGED',
  'confidential-guest': 'CONFIDENTIAL_GUEST_DIVERGED',
};

/** The one command that proposes this boot's layer as good. */
export function captureCommand(host: string, layer: Layer): string {
  return `\`${captureOf(host)} ${layer} --out drafts\``;
}

/** Where a remedy names the host. */
export function captureOf(host: string): string {
  return `${captureWord} ${host} --layers`;
}

/** In each remedy that proposes the boot as good. */
export const captureWord = 'touchstone golden capture';

function sideText({ digest, description }: { readonly digest: string; readonly description: string }): string {
  return `${description} [${digest}]`;
}

function placeOf(pcr: number, event: number | undefined): string {
  return event === undefined ? `PCR ${pcr}` : `PCR ${pcr}, event ${event}`;
}

/** Layers that share a PCR would report the same register once each. */
function withoutRepetition(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, pcr }) => {
    if (code !== 'LAYER_PCR_UNLOGGED') return true;
    const key = `${code} ${pcr ?? ''}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
