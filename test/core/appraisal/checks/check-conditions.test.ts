// Conditions in an appraisal: what a refused host is told, and that a condition never gives trust.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { conditionFacts, type ConditionFact } from '../../../../src/core/appraisal/conditions/condition-facts.table.ts';
import {
  appraise,
  type AppraisalPolicy,
  type LogMemory,
  type RememberedLog,
} from '../../../../src/core/appraisal/index.ts';
import { AttestationError } from '../../../../src/core/error.ts';
import type { Finding, Verdict } from '../../../../src/core/verdict/index.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from '../lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const texts = { description: 'what it is for', remedy: 'what to do' };

function policyWith(...expressions: readonly string[]): AppraisalPolicy {
  return labPolicy({
    conditions: expressions.map((expression, index) => ({ name: `c${index}`, expression, ...texts })),
  });
}

function appraiseRun(policy: AppraisalPolicy, run = 'sb-on', signed = run, memory?: LogMemory): Verdict {
  return appraise(labEvidence(run), labTrust(run, labGoldens(signed)), policy, at, memory && { logs: memory });
}

function onlyFinding(expression: string, run = 'sb-on'): Finding {
  const verdict = appraiseRun(policyWith(expression), run);
  assert.notEqual(verdict.status, 'affirming');
  const [finding, more] = verdict.findings;
  assert.ok(finding !== undefined && more === undefined, JSON.stringify(verdict.findings));
  return finding;
}

/** Something good CEL says about a fact; now and then of another type. */
function atomOf(name: string, { type, words = ['x'], keys = ['x'] }: ConditionFact): fc.Arbitrary<string> {
  const word = fc.constantFrom(...words).map((text) => `"${text}"`);
  const number = fc.integer({ min: -1, max: 3_000_000_000 });
  const size = number.map((least) => `size(${name}) >= ${least}`);
  if (type === 'string') return fc.tuple(fc.constantFrom('==', '!=', '<', '>'), word).map(([op, text]) => `${name} ${op} ${text}`); // prettier-ignore
  if (type === 'int') return number.chain((least) => fc.constantFrom(`${name} >= ${least}`, `${name} / ${least} == 1`));
  if (type === 'list<string>') return fc.oneof(size, fc.constantFrom(`"x" in ${name}`, `${name}.all(v, v != "")`, `${name}[0] > ""`)); // prettier-ignore
  const key = fc.constantFrom(...keys);
  return fc.oneof(size, key.chain((one) => fc.constantFrom(`"${one}" in ${name}`, `${name}["${one}"] == ${name}["${one}"]`, `${name}.all(k, ${name}[k] != 1)`))); // prettier-ignore
}

describe('the check of conditions', () => {
  it('accepts a boot that satisfies each', () => {
    const verdict = appraiseRun(policyWith('secureBoot == "enabled"', 'sbatDate >= 2025021800', 'size(dbx) < 100'));
    assert.deepEqual(verdict.findings, []);
    assert.equal(verdict.status, 'affirming');
  });

  it('refuses with expression, values, description and remedy, and the event', () => {
    const finding = onlyFinding('sbatDate > 2025021800\n  && secureBoot == "enabled"');
    assert.deepEqual(finding, {
      code: 'FACT_CONDITION_REFUSED',
      severity: 'error',
      check: 'facts',
      event: 27,
      expected: 'sbatDate > 2025021800 && secureBoot == "enabled"',
      observed: 'sbatDate = 2025021800; secureBoot = enabled',
      message: 'Condition c0 is not met: what it is for',
      remedy: 'what to do',
    });
  });

  it('shows lists and maps shortly', () => {
    assert.match(
      onlyFinding('size(kernelCommandLine) > 99').observed ?? '',
      /^kernelCommandLine = \[\S+, .*ima_policy=tcb/,
    );
    const { observed = '' } = onlyFinding('"other" in sbatGenerations && size(authorities) == 0');
    assert.match(observed, /^authorities = \[[0-9a-f]{64}, .*\]; sbatGenerations = \{ shim: 4, grub: 5 \}$/);
    assert.ok(observed.length <= 1025);
  });

  it('rejects when there is nothing to verify: a fact that no event proves', () => {
    const finding = onlyFinding('kernelRelease == "6.1" || secureBoot == "enabled"');
    assert.equal(finding.code, 'FACT_CONDITION_NOT_PROVEN');
    assert.equal(finding.observed, 'no kernelRelease');
    assert.match(finding.message, /no bound event says kernelRelease: what it is for$/);
  });

  it('refuses where the expression has no answer', () => {
    const finding = onlyFinding('sbatGenerations["other"] > 1');
    assert.equal(finding.code, 'FACT_CONDITION_NOT_PROVEN');
    assert.match(finding.message, /has no answer for what this boot was/);
  });

  it('lowers the claim about configuration: false is a contradiction, not proven is not', () => {
    assert.equal(appraiseRun(policyWith('secureBoot == "disabled"')).vector.configuration, 96);
    assert.equal(appraiseRun(policyWith('secureBoot == "disabled"')).status, 'contraindicated');
    assert.equal(appraiseRun(policyWith('kernelRelease == "6.1"')).vector.configuration, 1);
    assert.equal(appraiseRun(policyWith('kernelRelease == "6.1"')).status, 'none');
  });

  it('says each condition that is not met', () => {
    const codes = appraiseRun(policyWith('size(dbx) > 99', 'debugMode == "absent"', 'sbatDate < 1')).findings;
    assert.deepEqual(codes.map(({ message }) => message.slice(0, 12)), ['Condition c0', 'Condition c2']); // prettier-ignore
  });

  it('gives the same bytes each time, with a memory and without', () => {
    const kept = new Map<string, RememberedLog>();
    const memory: LogMemory = { get: (key) => kept.get(key), set: (key, log) => void kept.set(key, log) };
    for (const expression of ['secureBoot == "enabled"', 'size(dbx) > 99', 'hardening.all(k, hardening[k] != "off")']) {
      const policy = policyWith(expression);
      const [first, ...others] = [undefined, undefined, memory, memory].map((each) =>
        JSON.stringify(appraiseRun(policy, 'sb-on', 'sb-on', each)),
      );
      for (const other of others) assert.equal(other, first);
    }
  });

  it('never trusts a host that would not be trusted without: any expression, any boot', () => {
    const plain = new Map<string, Verdict>();
    const atom = fc.constantFrom(...Object.entries<ConditionFact>(conditionFacts)).chain(([name, fact]) => atomOf(name, fact)); // prettier-ignore
    const expression = fc.array(fc.tuple(fc.constantFrom('', '!'), atom), { minLength: 1, maxLength: 4 }).chain((atoms) => fc.constantFrom(' || ', ' && ').map((between) => atoms.map(([not, one]) => `${not}(${one})`).join(between))); // prettier-ignore
    const boots = [['sb-on', 'sb-on'], ['sb-off', 'sb-off'], ['cfg-tampered', 'sb-on'], ['initrd-changed', 'sb-on'], ['sb-off-nolog', 'sb-off']] as const; // prettier-ignore
    let judged = 0;
    fc.assert(
      fc.property(expression, fc.constantFrom(...boots), (text, [run, signed]) => {
        let policy: AppraisalPolicy;
        try {
          policy = policyWith(text);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
          return;
        }
        judged += 1;
        const key = `${run} ${signed}`;
        const without = plain.get(key) ?? appraiseRun(labPolicy(), run, signed);
        plain.set(key, without);
        const { status, findings } = appraiseRun(policy, run, signed);
        if (status === 'affirming') assert.equal(without.status, 'affirming', text);
        const kept = findings.filter(({ code }) => !code.startsWith('FACT_CONDITION_'));
        assert.deepEqual(kept.map(withoutRemedy), without.findings.map(withoutRemedy), text);
        const isAdvised = ({ remedy }: Finding, index: number): boolean =>
          remedy === without.findings[index]?.remedy || remedy.startsWith('Mend FACT_CONDITION_');
        assert.ok(kept.every(isAdvised), text);
      }),
      { numRuns: 600 },
    );
    assert.ok(judged > 500, `${judged} expressions were good`);
  }).timeout(60_000);
});

/** Conditions say what to do first, and nothing else about other findings. */
function withoutRemedy(finding: Finding): Finding {
  return { ...finding, remedy: '' };
}
