// One condition: what is refused when a policy is read, and what an evaluation answers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { conditionFacts } from '../../../../src/core/appraisal/conditions/condition-facts.table.ts';
import { judgeCondition, parseCondition, type Condition } from '../../../../src/core/appraisal/conditions/condition.ts';
import { versionAtLeast } from '../../../../src/core/appraisal/conditions/version-at-least.ts';
import { AttestationError } from '../../../../src/core/error.ts';
import { readFacts, type BootFacts, type EventToEncode } from '../../../../src/core/event-log/index.ts';
import { factTable } from '../../../../src/core/appraisal/index.ts';
import { separator, variable, verifyHonest, verifyLab } from '../../event-log/logs.ts';

const lab = readFacts(verifyLab('sb-on'));
const nothing = readFacts(verifyHonest([separator(0)]));

function line(text: string): EventToEncode {
  return { pcr: 12, type: 0xd, data: new Uint8Array(Buffer.from(`${text}\0`, 'utf16le')) };
}

function parse(expression: string): Condition {
  return parseCondition(expression, 'conditions[0].expression');
}

function judge(expression: string, facts: BootFacts = lab): string {
  return judgeCondition(parse(expression), facts).kind;
}

function refuses(expression: string, message: RegExp): void {
  assert.throws(
    () => parse(expression),
    (error: unknown) => {
      assert.ok(error instanceof AttestationError, String(error));
      assert.equal(error.code, 'APPRAISAL_CONDITION_INVALID');
      assert.equal(error.at, 'conditions[0].expression');
      assert.match(error.message, message);
      assert.match(error.remedy ?? '', /^[A-Z].*\.$/, 'it says what to write instead');
      return true;
    },
  );
}

/** For each fact: an expression that reads it and holds for a boot of the lab, or for one on paper. */
const good: Readonly<Record<keyof typeof conditionFacts, string>> = {
  secureBoot: 'secureBoot == "enabled"',
  secureBootMode: 'secureBootMode in ["user", "deployed"]',
  mokSbState: 'mokSbState != "disabled"',
  debugMode: 'debugMode == "absent"',
  dmaProtection: 'dmaProtection == "not-reported"',
  testKeys: 'testKeys.size() == 0',
  exitBootServices: 'exitBootServices == "success"',
  separators: 'separators == "complete"',
  firmwareVersion: 'firmwareVersion != "1.0"',
  sbatDate: 'sbatDate >= 2025021800 && sbatDate % 100 < 99',
  sbatGenerations: 'sbatGenerations["shim"] >= 4 && sbatGenerations.grub >= 5 && !("other" in sbatGenerations)',
  dbx: 'size(dbx) >= 1 && dbx.all(digest, digest.size() == 64)',
  signatureDatabases: 'signatureDatabases["db"].size() > 0 && signatureDatabases.PK.size() == 1',
  authorities: 'authorities.all(one, one != "")',
  hardening: 'hardening["ima-policy"] == "on" && hardening["iommu"] != "off"',
  kernelCommandLine: '"ima_policy=tcb" in kernelCommandLine && kernelCommandLine.exists(w, w.startsWith("console="))',
  initArguments: 'initArguments == []',
  kernelRelease: 'versionAtLeast(kernelRelease, "6.1.0-18")',
};

const onPaper: Readonly<Partial<Record<keyof typeof conditionFacts, readonly EventToEncode[]>>> = {
  secureBootMode: [
    variable('SecureBoot', Uint8Array.of(1)),
    variable('PK', new Uint8Array(1)),
    variable('DeployedMode', Uint8Array.of(1)),
    separator(7),
  ],
  kernelRelease: [line('/boot/vmlinuz-6.8.0-45-generic ro quiet')],
};

describe('conditions', () => {
  for (const [name, expression] of Object.entries(good)) {
    it(`read ${name}: ${expression}`, () => {
      const events = onPaper[name as keyof typeof conditionFacts];
      const facts = events === undefined ? lab : readFacts(verifyHonest(events));
      assert.deepEqual(judgeCondition(parse(expression), facts), { kind: 'met' });
    });
  }

  it('read every fact that a policy can demand', () => {
    const read = new Set(Object.values(conditionFacts).map(({ fact }) => fact));
    assert.deepEqual([...read], Object.keys(factTable));
  });

  it('rejects when there is nothing to verify: whatever reads a fact that no event proves is not proven', () => {
    for (const name of Object.keys(conditionFacts) as (keyof typeof conditionFacts)[]) {
      for (const expression of [good[name], `!(${good[name]})`, `${good[name]} || true`]) {
        assert.deepEqual(judgeCondition(parse(expression), nothing), { kind: 'unproven', missing: [name] }, expression);
      }
    }
  });

  it('refuse with what they read, and the event that says it', () => {
    const outcome = judgeCondition(parse('sbatDate > 2025021800'), lab);
    assert.deepEqual(outcome, { kind: 'refused', seen: { sbatDate: 2025021800n }, event: 27 });
  });

  it('refuse where a fact is missing, though the other side of an "or" is true', () => {
    const outcome = judgeCondition(parse('secureBoot == "enabled" || kernelRelease == "6.8"'), lab);
    assert.deepEqual(outcome, { kind: 'unproven', missing: ['kernelRelease'] });
  });

  it('have no answer where the evaluation fails: that is no pass', () => {
    for (const expression of [
      '10 / (sbatDate - sbatDate) == 5',
      'sbatGenerations["other"] >= 4',
      'sbatGenerations["constructor"] >= 4',
      'dbx[100000] == "x"',
      'sbatDate + 9223372036854775807 > 0',
      'versionAtLeast(secureBoot, "2")',
      '!versionAtLeast(secureBoot, "2")',
    ]) {
      assert.equal(judge(expression), 'failed', expression);
    }
  });

  it('are not proven by more than they may read', () => {
    const words = Array.from({ length: 5000 }, () => 'a').join(' ');
    assert.equal(judge('"quiet" in kernelCommandLine', readFacts(verifyHonest([line(words)]))), 'unproven');
    const long = readFacts(verifyHonest([line(`/vmlinuz-6${'0'.repeat(5000)} quiet`)]));
    assert.equal(judge('versionAtLeast(kernelRelease, "1")', long), 'unproven');
  });

  it('tell the words of the kernel from those of init', () => {
    const facts = readFacts(verifyHonest([line('quiet "a-b=c d" -- single "two words"')]));
    assert.equal(judge('kernelCommandLine == ["quiet", "a_b=c d"]', facts), 'met');
    assert.equal(judge('initArguments == ["single", "two words"]', facts), 'met');
  });

  it('have their type errors found when they are written, with place and suggestion', () => {
    refuses('secureBoot == 1', /^conditions\[0\]\.expression: no such overload: string == int \(line 1, column 1\)$/);
    refuses(
      'sbatDate >= 2025021800 &&\n  secureBot == "enabled"',
      /secureBot; is secureBoot meant\? \(line 2, column 3\)/,
    );
    refuses('kernelVersion == "6"', /there is no fact kernelVersion \(line 1, column 1\)/);
    refuses('sbatDate', /true or false expected, is int/);
    refuses('secureBoot ==', /Unexpected token: EOF \(line 1, column 14\)/);
    refuses('', /line 1, column 1/);
    refuses('sbatDate >= "2025021800"', /no such overload/);
    refuses('secureBoot.startsWith(1)', /overload/);
  });

  it('have words found that would silently never hold, or always', () => {
    refuses('secureBoot != "off"', /secureBoot has no "off"; only enabled, disabled \(line 1, column 15\)/);
    refuses('"enable" == secureBoot', /is "enabled" meant/);
    refuses('secureBoot in ["enabled", "on"]', /secureBoot has no "on"/);
    refuses('hardening["lockdwn"] == "on"', /hardening has no "lockdwn"; is "lockdown" meant/);
    refuses('hardening["lockdown"] != "none"', /hardening has no "none"; only on, off, default/);
    refuses('hardening.lockdown == "not-off"', /hardening has no "not-off"/);
    refuses('"dbx" in signatureDatabases', /signatureDatabases has no "dbx"/);
    refuses(
      '!("systemd.debug-shell" in kernelCommandLine)',
      /never found: the kernel reads it as "systemd.debug_shell"/,
    );
    refuses('kernelCommandLine.all(w, !w.startsWith("ima-"))', /the kernel reads it as "ima_"/);
    refuses('kernelCommandLine.exists(w, w in ["ro", "a-b=c-d"])', /the kernel reads it as "a_b=c-d"/);
    assert.equal(judge('kernelCommandLine.all(w, !w.endsWith("-evil") && w != "a=b-c")'), 'met');
    assert.equal(judge('"iommu" in hardening'), 'met');
  });

  it('rejects when there is nothing to verify: a condition that reads no fact', () => {
    refuses('true', /reads no fact/);
    refuses('[1, 2].exists(one, one == 1)', /reads no fact/);
    refuses('[1, 2].exists(sbatDate, sbatDate == 1)', /sbatDate is the name of a fact/);
  });

  it('hold no integer beyond 64 bits, which no fact ever reaches', () => {
    refuses('sbatDate < 9223372036854775808', /9223372036854775808 does not fit into 64 bits/);
    refuses('[sbatDate, 99999999999999999999].exists(d, d == 1)', /does not fit into 64 bits/);
    parse('sbatDate < 9223372036854775807');
  });

  it('cannot cost more than reading their facts', () => {
    refuses('secureBoot.matches("(a+)+$")', /matches is not available: a regular expression can take minutes/);
    refuses('matches(secureBoot, "(a+)+$")', /matches is not available/);
    refuses('dbx.all(a, dbx.all(b, a == b))', /inside the macro all/);
    refuses('dbx.map(a, a + a).map(b, b + b).exists(c, c == "")', /inside the macro/);
    refuses('dbx.exists(a, a in authorities)', /authorities is read once for each a/);
    refuses('dbx.exists(a, a in signatureDatabases["db"])', /signatureDatabases is read once for each a/);
    refuses(`${'('.repeat(200)}secureBoot == "enabled"${')'.repeat(200)}`, /depth/i);
    refuses(Array.from({ length: 80 }, () => 'sbatDate>0').join('&&'), /nodes|depth/i);
    refuses(`secureBoot == "${'x'.repeat(1024)}"`, /longer than/);
    refuses('string(sbatDate) == "1"', /the function string is not available/);
    refuses('has(sbatGenerations.shim)', /the function has is not available/);
  });

  it('answer any text with a condition or a typed refusal, and that within moments', () => {
    const atoms = [...Object.keys(conditionFacts), ...Object.values(good), '(', ')', '[', ']', '"', '.', '==', '&&', '||', '!', '?', ':', 'x', '1', '.all(x, ', ' in ', '\n', '"enabled"']; // prettier-ignore
    const text = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(fc.constantFrom(...atoms), { maxLength: 20 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          const condition = parse(expression);
          assert.ok(condition.reads.length > 0);
          assert.notEqual(judgeCondition(condition, nothing).kind, 'met');
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('versionAtLeast', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['6.8.0-45-generic', '6.8.0-40', true],
    ['6.8.0-45-generic', '6.8.0-45', true],
    ['6.8.0-45-generic', '6.8.0-46', false],
    ['6.10.1', '6.9', true],
    ['5.99.99', '6', false],
    ['6', '6.0.0', true],
    ['6', '6.0.1', false],
    [`1.${'9'.repeat(60)}`, '1.8', true],
  ];
  for (const [version, least, outcome] of cases) {
    it(`${version.slice(0, 20)} is ${outcome ? '' : 'not '}at least ${least}`, () => {
      assert.equal(versionAtLeast(version, least), outcome);
    });
  }

  it('has no answer where there is no number', () => {
    assert.throws(() => versionAtLeast('EDK II', '2'), TypeError);
    assert.throws(() => versionAtLeast('2', 'newest'), TypeError);
  });
});
