// Claim 5 of `appraise`: the log leads to the PCR values, and each event of a demanded PCR belongs to a layer.
import { counted } from '../../encoding/index.ts';
import { isSystemMark, type BoundEvent, type Layer, type PcrStatus, type ReplayedLog } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { coveredPcrs, demandedLayersOf, imaPcr } from '../policy/coverage.ts';
import { createFinding } from '../finding.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';

const check = 'event-log';

/** Each PCR of a demanded layer is explained by the log, and each of its events belongs to a layer. */
export function checkEventLog(log: ReplayedLog, policy: AppraisalPolicy): Finding[] {
  const covered = coveredPcrs(policy);
  const findings = [...checkBank(log, policy), ...checkRegisters(log, policy, covered)];
  findings.push(...checkEvents(log, policy, covered), ...checkUnexplained(log, covered));
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

function checkRegisters(log: ReplayedLog, policy: AppraisalPolicy, covered: readonly number[]): Finding[] {
  const logs = log.userspace === undefined ? 'The event log does' : 'Event log and userspace log together do';
  return pcrsOfStatus('mismatch', log).map((pcr) => {
    const [details, start] = [{ check, pcr } as const, `${logs} not lead to the attested value of PCR ${pcr}`];
    if (!covered.includes(pcr)) {
      const message = `${start}, which no demanded layer uses.`;
      return createFinding('LOG_PCR_MISMATCH_UNDEMANDED', { ...details, message });
    }
    const message = `${start}, so these layers are unproved: ${demandedLayersOf(pcr, policy).join(', ')}.`;
    const remedy = log.userspace === undefined ? { remedy: sendUserspaceLog } : {};
    return createFinding('LOG_PCR_MISMATCH', { ...details, message, ...remedy });
  });
}

/** Ascending. */
function pcrsOfStatus(wanted: PcrStatus, { pcrs }: ReplayedLog): readonly number[] {
  return [...pcrs.keys()].filter((pcr) => pcrs.get(pcr) === wanted).sort((left, right) => left - right);
}

/** systemd extends PCRs of the boot too, and no hash tells an extension that is not logged from one that is false. */
const sendUserspaceLog =
  'If the running system measures into this PCR, have the agent send its userspace log (/run/log/systemd/tpm2-measure.log); if it does not, treat the host as tampered with.';

/** Findings that name one event each; whoever measures a thousand gets a short answer too. */
const namedEvents = 20;

function checkEvents(log: ReplayedLog, policy: AppraisalPolicy, covered: readonly number[]): Finding[] {
  // Most events belong to a demanded layer: what tells them apart is asked first.
  const isUnclaimed = ({ layer, pcr }: BoundEvent): boolean => layer === undefined && covered.includes(pcr);
  const unclaimed = log.events.filter((event) => isUnclaimed(event) && !isSystemMark(event));
  const rest = unclaimed.length - namedEvents;
  const findings = unclaimed.slice(0, namedEvents).map(({ pcr, index, description }, position) => {
    const more = position === namedEvents - 1 && rest > 0 ? ` (and ${counted(rest, 'more event')})` : '';
    const message = `Event ${index} in PCR ${pcr} belongs to no layer: ${description}${more}.`;
    return createFinding('LOG_EVENT_UNCLAIMED', { check, pcr, event: index, observed: description, message });
  });
  return [...findings, ...describeUndemanded(log, policy, covered)];
}

function describeUndemanded({ events }: ReplayedLog, policy: AppraisalPolicy, covered: readonly number[]): Finding[] {
  const undemanded = new Map<number, Set<Layer>>();
  for (const { pcr, layer } of events) {
    if (layer === undefined || policy.layers.includes(layer) || !covered.includes(pcr)) continue;
    undemanded.set(pcr, (undemanded.get(pcr) ?? new Set()).add(layer));
  }
  return [...undemanded]
    .sort(([left], [right]) => left - right)
    .map(([pcr, layers]) => {
      const observed = [...layers].sort().join(', ');
      const message = `PCR ${pcr} also holds events of layers that the policy does not demand: ${observed}.`;
      return createFinding('LAYERS_SHARE_PCR', { check, pcr, observed, message });
    });
}

/** What became of the log of the running system, and registers that no log explains. */
function checkUnexplained(log: ReplayedLog, covered: readonly number[]): Finding[] {
  const findings = pcrsOfStatus('unlogged', log)
    // The IMA list, not this log, explains PCR 10; what a demanded layer lacks is said with the layer.
    .filter((pcr) => pcr !== imaPcr && !covered.includes(pcr))
    .map((pcr) => {
      const message = `PCR ${pcr} was extended, and no log says with what; no demanded layer uses it.`;
      return createFinding('LOG_PCR_UNEXPLAINED', { check, pcr, message });
    });
  const later = log.userspace?.later ?? 0;
  if (later === 0) return findings;
  const message = `The userspace log has more records than the quoted PCRs confirm: ${later} were left out.`;
  return [...findings, createFinding('LOG_USERSPACE_LATER', { check, message })];
}
