import { readFacts, type BootFacts, type ReplayedLog } from '../event-log/index.ts';
import type { Finding } from '../verdict/index.ts';
import { createFinding, type FindingDetails } from './finding.ts';
import type { FindingCode } from './findings.table.ts';
import type { AppraisalPolicy, RequiredFacts } from './policy.ts';

/** Facts the policy demands, and two that no policy can wave through: a debugger in the firmware, a broken chain. */
export function checkFacts(log: ReplayedLog, { requireFacts }: AppraisalPolicy): Finding[] {
  const facts = readFacts(log);
  return [
    ...checkFirmware(facts),
    ...(requireFacts.secureBoot === undefined ? [] : checkSecureBoot(facts)),
    ...(requireFacts.kernelCommandLine === undefined ? [] : checkCommandLine(facts, requireFacts.kernelCommandLine)),
  ];
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

function checkSecureBoot({ secureBoot, shim }: BootFacts): Finding[] {
  const findings: Finding[] = [];
  if (secureBoot.value !== 'enabled') {
    const code = secureBoot.value === 'disabled' ? 'FACT_SECURE_BOOT_DISABLED' : 'FACT_SECURE_BOOT_UNKNOWN';
    const message = `Secure Boot is ${secureBoot.value}; the policy demands that it is enabled.`;
    findings.push(refuse(code, secureBoot.event, message, { expected: 'enabled', observed: secureBoot.value }));
  }
  if (shim.mokSbState.value === 'disabled') {
    const message = 'Validation by shim is disabled (MokSBState), so Secure Boot ends at shim.';
    findings.push(refuse('FACT_SHIM_VALIDATION_DISABLED', shim.mokSbState.event, message));
  }
  return findings;
}

function checkCommandLine(
  { kernelCommandLine }: BootFacts,
  { require, forbid }: NonNullable<RequiredFacts['kernelCommandLine']>,
): Finding[] {
  if (kernelCommandLine === undefined) {
    const message = 'The policy demands words of the kernel command line, and no bound event holds its text.';
    return [refuse('FACT_COMMAND_LINE_UNKNOWN', undefined, message)];
  }
  const { value, event } = kernelCommandLine;
  const words = new Set(value.split(/\s+/));
  const missing = require
    .filter((word) => !words.has(word))
    .map((word) => {
      const message = `The kernel command line lacks "${word}", which the policy demands.`;
      return refuse('FACT_COMMAND_LINE_WORD_MISSING', event, message, { expected: word });
    });
  const forbidden = forbid
    .filter((word) => words.has(word))
    .map((word) => {
      const message = `The kernel command line has "${word}", which the policy forbids.`;
      return refuse('FACT_COMMAND_LINE_WORD_FORBIDDEN', event, message, { observed: word });
    });
  return [...missing, ...forbidden];
}

function refuse(
  code: FindingCode,
  event: number | undefined,
  message: string,
  sides: Pick<FindingDetails, 'expected' | 'observed'> = {},
): Finding {
  return createFinding(code, { check: 'facts', ...(event === undefined ? {} : { event }), ...sides, message });
}
