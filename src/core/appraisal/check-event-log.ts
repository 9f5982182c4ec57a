import { isSystemMark, type Layer, type ReplayedLog } from '../event-log/index.ts';
import type { Finding } from '../verdict/index.ts';
import { coveredPcrs, demandedLayersOf, imaPcr } from './coverage.ts';
import { createFinding } from './finding.ts';
import type { AppraisalPolicy } from './policy.ts';

const check = 'event-log';

/** Each PCR of a demanded layer is explained by the log, and each of its events belongs to a layer. */
export function checkEventLog(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const findings = [...checkBank(log, policy), ...checkRegisters(log, policy), ...checkEvents(log, policy)];
  findings.push(...checkUnexplained(log, policy));
  for (const { id, detail, event } of log.quirks) {
    const place = event === undefined ? {} : { event };
    findings.push(createFinding('LOG_QUIRK', { check, ...place, message: `Tolerated ${id}: ${detail}.` }));
  }
  return findings;
}

function checkBank(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  if (log.bank === policy.bank) return [];
  const message = `The log was verified in bank ${log.bank}; the policy appraises ${policy.bank}.`;
  return [createFinding('LOG_BANK_OTHER', { check, expected: policy.bank, observed: log.bank, message })];
}

function checkRegisters(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const covered = coveredPcrs(policy);
  return [...log.pcrs]
    .filter(([, status]) => status === 'mismatch')
    .sort(([left], [right]) => left - right)
    .map(([pcr]) => {
      const isDemanded = covered.includes(pcr);
      const layers = demandedLayersOf(pcr, policy).join(', ');
      const message = isDemanded
        ? `The event log does not lead to the attested value of PCR ${pcr}, so these layers are unproved: ${layers}.`
        : `The event log does not lead to the attested value of PCR ${pcr}, which no demanded layer uses.`;
      return createFinding(isDemanded ? 'LOG_PCR_MISMATCH' : 'LOG_PCR_MISMATCH_UNDEMANDED', { check, pcr, message });
    });
}

function checkEvents(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const covered = coveredPcrs(policy);
  const findings: Finding[] = [];
  const undemanded = new Map<number, Set<Layer>>();
  for (const event of log.events.filter(({ pcr }) => covered.includes(pcr))) {
    const { pcr, index, layer, description } = event;
    if (layer === undefined && !isSystemMark(event)) {
      const message = `Event ${index} in PCR ${pcr} belongs to no layer: ${description}.`;
      findings.push(createFinding('LOG_EVENT_UNCLAIMED', { check, pcr, event: index, observed: description, message }));
    }
    if (layer !== undefined && !policy.layers.includes(layer)) {
      undemanded.set(pcr, (undemanded.get(pcr) ?? new Set()).add(layer));
    }
  }
  for (const [pcr, layers] of [...undemanded].sort(([left], [right]) => left - right)) {
    const observed = [...layers].sort().join(', ');
    const message = `PCR ${pcr} also holds events of layers that the policy does not demand: ${observed}.`;
    findings.push(createFinding('LAYERS_SHARE_PCR', { check, pcr, observed, message }));
  }
  return findings;
}

/** What became of the log of the running system, and registers that no log explains. */
function checkUnexplained(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const findings = [...log.pcrs]
    // The IMA list, not this log, explains PCR 10; what a demanded layer lacks is said with the layer.
    .filter(([pcr, status]) => status === 'unlogged' && pcr !== imaPcr && !coveredPcrs(policy).includes(pcr))
    .sort(([left], [right]) => left - right)
    .map(([pcr]) => {
      const message = `PCR ${pcr} was extended, and no log says with what; no demanded layer uses it.`;
      return createFinding('LOG_PCR_UNEXPLAINED', { check, pcr, message });
    });
  const later = log.userspace?.notExtended.length ?? 0;
  if (later === 0) return findings;
  const message = `The userspace log has ${later} records that no quoted PCR confirms; they were left out.`;
  return [...findings, createFinding('LOG_USERSPACE_LATER', { check, message })];
}
