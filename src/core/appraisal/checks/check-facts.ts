// Claim 8 of `appraise`: the facts that the policy demands, and two that hold whatever it demands.
import { readFacts, type BootFacts, type ReplayedLog } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { checkConditions } from './check-conditions.ts';
import { factNames, factTable, type FactRow } from '../demands/facts.table.ts';
import { createFinding, type FindingDetails } from '../finding.ts';
import type { FindingCode } from '../findings.table.ts';
import type { AppraisalPolicy } from '../policy/policy.ts';
import type { Demand, FactName, RequiredFacts, Shortfall } from '../demands/required-facts.ts';

/** Facts and conditions the policy demands, and two that no policy can wave through: a debugger in the firmware, a broken chain. */
export function checkFacts(log: ReplayedLog, { requireFacts, conditions }: AppraisalPolicy): Finding[] {
  const facts = readFacts(log);
  const implied = impliedBy(requireFacts);
  const findings = checkFirmware(facts);
  for (const name of factNames) findings.push(...judgeFact(name, facts, requireFacts, implied).map(explain));
  findings.push(...checkConditions(facts, conditions));
  return findings;
}

function checkFirmware({ debugMode, separators }: BootFacts): Finding[] {
  const findings: Finding[] = [];
  if (debugMode.value === true) {
    findings.push(refuse('FACT_DEBUG_MODE', debugMode.event, 'The firmware measured "UEFI Debug Mode".'));
  }
  if (separators.value === 'error') {
    const message = 'The firmware closed a PCR with an error separator: a measurement failed.';
    findings.push(refuse('FACT_MEASUREMENT_FAILED', separators.event, message));
  }
  return findings;
}

function judgeFact<Name extends FactName>(
  name: Name,
  facts: BootFacts,
  demands: RequiredFacts,
  implied: Pick<RequiredFacts, Name>,
): readonly Shortfall[] {
  const row: FactRow<Demand<Name>> = factTable[name];
  const demand: RequiredFacts[Name] = demands[name] ?? implied[name];
  return demand === undefined ? [] : row.judge(facts, demand);
}

/** Secure Boot ends at a shim that checks nothing, and a host could hide the event that says so. */
function impliedBy({ secureBoot }: RequiredFacts): RequiredFacts {
  return secureBoot === undefined ? {} : { mokSbState: 'not-disabled' };
}

function explain(shortfall: Shortfall): Finding {
  const { kind, fact, expected, observed, event } = shortfall;
  const plain =
    kind === 'unproven'
      ? `The fact ${fact} is not proven (${observed}); the policy demands ${expected}.`
      : `The fact ${fact} is ${observed}; the policy demands ${expected}.`;
  const code = shortfall.code ?? (kind === 'unproven' ? 'FACT_NOT_PROVEN' : 'FACT_REFUSED');
  return refuse(code, event, shortfall.message ?? plain, { expected, observed });
}

function refuse(
  code: FindingCode,
  event: number | undefined,
  message: string,
  sides: Pick<FindingDetails, 'expected' | 'observed'> = {},
): Finding {
  return createFinding(code, { check: 'facts', ...(event === undefined ? {} : { event }), ...sides, message });
}
