// Claim 5 of `appraise`, of order: loaders before the kernel, and every layer before the running system.
import { isSystemMark, type BoundEvent, type ReplayedLog } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { isCovered } from '../policy/coverage.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

/** Firmware measures here every application it starts. [TCG-PFP §3.3.4.5] */
const applicationsPcr = 4;

/**
 * In PCR 4, boot loaders come before the kernel they start; in any PCR, layers come before what the running system says.
 *
 * Golden measurements fix the order within a layer only. Without this rule an attacker could let shim start an approved
 * kernel directly, with a command line nobody measured, and then extend the boot loader's digest from the running
 * system: each layer would be whole, in a boot that never ran the boot loader. The order within a PCR is attested; the
 * labels that say what is a loader are not, but they can only move events between these two lists, which both must match.
 * The marks of the running system are told by digest, so a host that has made one cannot add to a layer any more.
 */
export function checkLayerOrder(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  return [...checkLoaders(log, policy), ...checkAfterSystem(log, policy)];
}

function checkAfterSystem(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const marked = new Set<number>();
  const late = new Map<number, BoundEvent>();
  for (const event of log.events) {
    if (event.layer === undefined && isSystemMark(event)) marked.add(event.pcr);
    else if (event.layer !== undefined && marked.has(event.pcr) && !late.has(event.pcr)) late.set(event.pcr, event);
  }
  const covered = [...late].filter(([pcr]) => isCovered(pcr, policy)).sort(([left], [right]) => left - right);
  return covered.map(([pcr, { index, description }]) => {
    const message = `Event ${index} in PCR ${pcr} was measured after the system ran, as if it had booted: ${description}.`;
    const details = { check: 'event-log', pcr, event: index, observed: description, message } as const;
    return createFinding('LOG_LAYER_AFTER_SYSTEM', details);
  });
}

function checkLoaders(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  if (!isCovered(applicationsPcr, policy)) return [];
  const events = log.events.filter(({ pcr }) => pcr === applicationsPcr);
  const firstKernel = events.findIndex(({ layer }) => layer === 'kernel');
  const isLate = (event: BoundEvent): boolean => event.layer !== 'kernel' && !isSystemMark(event);
  const late = firstKernel < 0 ? undefined : events.slice(firstKernel).find(isLate);
  if (late === undefined) return [];
  const message = `Event ${late.index} in PCR 4 measures a boot loader after the kernel: ${late.description}.`;
  const details = { pcr: applicationsPcr, event: late.index, observed: late.description, message };
  return [createFinding('LOG_LOADER_AFTER_KERNEL', { check: 'event-log', ...details })];
}
