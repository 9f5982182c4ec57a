import type { ReplayedLog } from '../event-log/index.ts';
import type { Finding } from '../verdict/index.ts';
import { coveredPcrs } from './coverage.ts';
import { createFinding } from './finding.ts';
import type { AppraisalPolicy } from './policy.ts';

/** Firmware measures here every application it starts. [TCG-PFP §3.3.4.5] */
const applicationsPcr = 4;

/**
 * In PCR 4, boot loaders come before the kernel they start.
 *
 * Golden measurements fix the order within a layer only. Without this rule an attacker could let shim start an approved
 * kernel directly, with a command line nobody measured, and then extend the boot loader's digest from the running
 * system: each layer would be whole, in a boot that never ran the boot loader. The order within a PCR is attested; the
 * labels that say what is a loader are not, but they can only move events between these two lists, which both must match.
 */
export function checkLayerOrder(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  if (!coveredPcrs(policy).includes(applicationsPcr)) return [];
  const events = log.events.filter(({ pcr }) => pcr === applicationsPcr);
  const firstKernel = events.findIndex(({ layer }) => layer === 'kernel');
  const late = firstKernel < 0 ? undefined : events.slice(firstKernel).find(({ layer }) => layer !== 'kernel');
  if (late === undefined) return [];
  const message = `Event ${late.index} in PCR 4 measures a boot loader after the kernel: ${late.description}.`;
  const details = { pcr: applicationsPcr, event: late.index, observed: late.description, message };
  return [createFinding('LOG_LOADER_AFTER_KERNEL', { check: 'event-log', ...details })];
}
