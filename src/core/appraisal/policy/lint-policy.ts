// What is doubtful in a policy, for the operator who writes it: before any host is judged by it. [PEERS T21]
import { layers, pcrsOfLayer, type Layer } from '../../event-log/index.ts';
import { conditionFacts, type ConditionFacts } from '../conditions/condition-facts.table.ts';
import { coveredPcrs } from './coverage.ts';
import { factNames } from '../demands/facts.table.ts';
import { policyRemarks, type PolicyRemarkCode } from './policy-remarks.table.ts';
import type { AppraisalPolicy } from './policy.ts';
import type { DatabaseDemand, FactName, RequiredFacts, WordDemand } from '../demands/required-facts.ts';

/** One thing to know about a policy. Of `warning` and worse a reviewer should hear; `advice` is a matter of taste. */
export interface PolicyRemark {
  readonly code: PolicyRemarkCode;
  readonly severity: 'error' | 'warning' | 'advice';
  readonly layer?: Layer;
  /** PCRs of an undemanded stage that nothing else which is demanded explains: their values do not matter at all. */
  readonly uncovered?: readonly number[];
  readonly message: string;
  readonly remedy: string;
}

/** What is read of a policy: one that the server keeps, or one that nobody applied yet. */
type LintedPolicy = Pick<AppraisalPolicy, 'layers' | 'requireFacts' | 'conditions' | 'verdictSeconds'>;

/** The stages from power-on to the kernel. What ran after them (`runtime`) is a demand of its own. */
const bootStages = layers.filter((layer) => layer !== 'runtime' && layer !== 'confidential-guest');

/** A promise about a host that is older than a day tells of yesterday's boot. */
const longVerdictSeconds = 24 * 3600;

/** Facts that a program of the boot measured, and not firmware: who does not pin that program takes its word. */
const restsOn: Readonly<Partial<Record<FactName, readonly Layer[]>>> = {
  mokSbState: ['boot-loader'],
  sbatLevel: ['boot-loader'],
  hardening: ['boot-loader', 'kernel'],
  kernelCommandLine: ['boot-loader', 'kernel'],
};

/** What a layer that is pinned leaves to the golden measurement alone, unless one of these facts is demanded too. */
const factsOfLayer: Readonly<Partial<Record<Layer, readonly FactName[]>>> = {
  firmware: ['separators', 'firmwareVersion'],
  'secure-boot': ['secureBoot'],
  'boot-loader': ['sbatLevel', 'dbx'],
  'kernel-command-line': ['hardening', 'kernelCommandLine'],
};

/** In a fixed order: what no host can satisfy, open stages in the order of the boot, the rest. */
export function lintPolicy(policy: LintedPolicy): readonly PolicyRemark[] {
  return [
    ...contradictions(policy.requireFacts),
    ...openStages(policy),
    ...factsOnOpenLayers(policy),
    ...longVerdict(policy),
    ...layersWithoutFacts(policy),
  ];
}

function openStages(policy: LintedPolicy): PolicyRemark[] {
  const covered = coveredPcrs(policy);
  return bootStages
    .filter((layer) => !policy.layers.includes(layer))
    .map((layer) => {
      const uncovered = pcrsOfLayer(layer).filter((pcr) => !covered.includes(pcr));
      const registers = uncovered.length === 0 ? '' : ` Nothing that is demanded covers PCR ${uncovered.join(', ')}.`;
      const message = `The policy does not demand layer ${layer}: a host may boot anything there and stay trusted.${registers}`;
      return remark('POLICY_STAGE_OPEN', message, { layer, uncovered });
    });
}

function contradictions({ kernelCommandLine, signatureDatabases }: RequiredFacts): PolicyRemark[] {
  const databases = Object.entries(signatureDatabases ?? {}).map(
    ([name, demand]) => [`signatureDatabases.${name}`, inBoth(demand)] as const,
  );
  return [['kernelCommandLine', inBothWords(kernelCommandLine)] as const, ...databases].flatMap(([fact, items]) =>
    items.map((item) =>
      remark('POLICY_NEVER_SATISFIED', `requireFacts.${fact} demands and forbids "${item}": no host can satisfy it.`),
    ),
  );
}

function inBothWords({ require, forbid }: WordDemand = { require: [], forbid: [] }): readonly string[] {
  return require.filter((word) => forbid.includes(word));
}

function inBoth({ mustContain = [], mustNotContain = [] }: DatabaseDemand): readonly string[] {
  return mustContain.filter((digest) => mustNotContain.includes(digest));
}

function factsOnOpenLayers({ layers: demanded, requireFacts, conditions }: LintedPolicy): PolicyRemark[] {
  const ofConditions = conditions.flatMap(({ name, condition }) =>
    factsOf(condition.reads).map((fact) => [`The condition ${name} reads the fact ${fact}, which`, fact] as const),
  );
  const ofFacts = demandedFacts(requireFacts).map((fact) => [`The fact ${fact}`, fact] as const);
  return [...ofFacts, ...ofConditions].flatMap(([subject, fact]) => {
    const open = restsOn[fact]?.filter((layer) => !demanded.includes(layer)) ?? [];
    if (open.length === 0) return [];
    const message = `${subject} is what programs of layer ${open.join(' and ')} say, which the policy does not demand: another program may say it too.`;
    return [remark('POLICY_FACT_RESTS_ON_OPEN_LAYER', message)];
  });
}

function demandedFacts(requireFacts: RequiredFacts): readonly FactName[] {
  return factNames.filter((name) => requireFacts[name] !== undefined);
}

/** The rows of the facts that conditions read under these names, each once. */
function factsOf(reads: readonly string[]): readonly FactName[] {
  const table: ConditionFacts = conditionFacts;
  return [...new Set(reads.flatMap((name) => table[name]?.fact ?? []))];
}

function longVerdict({ verdictSeconds }: LintedPolicy): PolicyRemark[] {
  if (verdictSeconds <= longVerdictSeconds) return [];
  const message = `A verdict lasts ${verdictSeconds} s, longer than a day: until then a host counts as it was.`;
  return [remark('POLICY_VERDICT_LONG', message)];
}

function layersWithoutFacts({ layers: demanded, requireFacts, conditions }: LintedPolicy): PolicyRemark[] {
  const asked = [...demandedFacts(requireFacts), ...conditions.flatMap(({ condition }) => factsOf(condition.reads))];
  return demanded.flatMap((layer) => {
    const facts = factsOfLayer[layer];
    if (facts === undefined || facts.some((name) => asked.includes(name))) return [];
    const message = `Layer ${layer} is demanded without a fact about it (${facts.join(', ')}): what operators sign is all that counts.`;
    return [remark('POLICY_LAYER_WITHOUT_FACT', message, { layer })];
  });
}

function remark(
  code: PolicyRemarkCode,
  message: string,
  more: Pick<PolicyRemark, 'layer' | 'uncovered'> = {},
): PolicyRemark {
  const { severity, remedy } = policyRemarks[code];
  return { code, severity, ...more, message, remedy };
}
