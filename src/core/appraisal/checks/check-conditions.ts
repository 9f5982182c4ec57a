// Claim 8 of `appraise`, of conditions in CEL: each holds of facts that bound events prove.
import { printable } from '../../encoding/index.ts';
import type { BootFacts } from '../../event-log/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { judgeCondition, type ConditionOutcome, type ConditionValues } from '../conditions/condition.ts';
import type { ConditionValue } from '../conditions/condition-facts.table.ts';
import { createFinding } from '../finding.ts';
import type { PolicyCondition } from '../conditions/read-conditions.ts';

/** Conditions only take away: the outcome is a refusal or nothing. */
export function checkConditions(facts: BootFacts, conditions: readonly PolicyCondition[]): Finding[] {
  return conditions.flatMap((one) => explain(one, judgeCondition(one.condition, facts)));
}

function explain({ name, condition, description, remedy }: PolicyCondition, outcome: ConditionOutcome): Finding[] {
  if (outcome.kind === 'met') return [];
  const common = { check: 'facts', expected: oneLine(condition.expression) } as const;
  if (outcome.kind === 'unproven') {
    const missing = outcome.missing.join(', ');
    const message = `Condition ${name} is not proven, no bound event says ${missing}: ${description}`;
    return [createFinding('FACT_CONDITION_NOT_PROVEN', { ...common, observed: `no ${missing}`, message })];
  }
  const { seen, event } = outcome;
  const details = { ...common, observed: textOfValues(seen), ...(event === undefined ? {} : { event }) };
  if (outcome.kind === 'failed') {
    const message = `Condition ${name} is not proven, it has no answer for what this boot was: ${description}`;
    return [createFinding('FACT_CONDITION_NOT_PROVEN', { ...details, message })];
  }
  const message = `Condition ${name} is not met: ${description}`;
  return [createFinding('FACT_CONDITION_REFUSED', { ...details, message, remedy })];
}

const maximumShown = 16;

/** `kernelRelease = 6.1.0-18; sbatDate = 2023012900` */
function textOfValues(values: ConditionValues): string {
  return printable(
    Object.entries(values)
      .map(([name, value]) => `${name} = ${textOfValue(value)}`)
      .join('; '),
    1024,
  );
}

function textOfValue(value: ConditionValue): string {
  if (typeof value === 'string') return value.slice(0, 256);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${shortList(value as readonly string[])}]`;
  return `{ ${shortList(Object.entries(value).map(([name, one]) => `${name}: ${textOfValue(one)}`))} }`;
}

function shortList(items: readonly string[]): string {
  const more = items.length - maximumShown;
  const shown = items.slice(0, maximumShown).map((item) => item.slice(0, 96));
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
