import assert from 'node:assert/strict';
import { judgeCondition, parseCondition, type Condition } from '../../../src/core/appraisal/condition.ts';
import { AttestationError } from '../../../src/core/error.ts';

const types = { secureBoot: 'string', words: 'list<string>', sbat: 'map<string, int>', level: 'int' } as const;

function parse(expression: string): Condition {
  return parseCondition(expression, types);
}

function refuses(expression: string, message: RegExp): void {
  assert.throws(
    () => parse(expression),
    (error: unknown) =>
      error instanceof AttestationError && error.code === 'APPRAISAL_CONDITION_INVALID' && message.test(error.message),
    expression,
  );
}

describe('conditions', () => {
  it('are met, or refused with what they read', () => {
    const condition = parse('secureBoot == "enabled" && level + 1 > 4');
    assert.deepEqual(condition.reads, ['level', 'secureBoot']);
    assert.deepEqual(judgeCondition(condition, { secureBoot: 'enabled', level: 4n }), { kind: 'met' });
    const seen = { secureBoot: 'enabled', level: 3n };
    assert.deepEqual(judgeCondition(condition, { ...seen, words: [] }), { kind: 'refused', seen });
  });

  it('read lists and maps', () => {
    const condition = parse('words.exists(w, w.startsWith("iommu=")) && "shim" in sbat && sbat["shim"] >= 4');
    assert.equal(judgeCondition(condition, { words: ['ro', 'iommu=pt'], sbat: { shim: 4n } }).kind, 'met');
    assert.equal(judgeCondition(condition, { words: ['ro'], sbat: { shim: 4n } }).kind, 'refused');
  });

  it('refuse where a fact is missing, though the other side of an "or" is true', () => {
    const outcome = judgeCondition(parse('level > 0 || secureBoot == "enabled"'), { level: 1n });
    assert.deepEqual(outcome, { kind: 'unproven', missing: ['secureBoot'] });
    assert.equal(judgeCondition(parse('!(secureBoot == "disabled")'), {}).kind, 'unproven');
  });

  it('refuse where the evaluation fails', () => {
    assert.deepEqual(judgeCondition(parse('10 / level == 5'), { level: 0n }), { kind: 'unproven', missing: [] });
    assert.deepEqual(judgeCondition(parse('sbat["grub"] >= 4'), { sbat: {} }), { kind: 'unproven', missing: [] });
  });

  it('have their type errors found when they are written', () => {
    refuses('secureBoot == 1', /no such overload/i);
    refuses('secureBot == "enabled"', /secureBot/);
    refuses('level', /true or false expected, is int/);
    refuses('secureBoot ==', /condition: /);
    refuses('', /condition: /);
  });

  it('rejects when there is nothing to verify: a condition that reads no fact', () => {
    refuses('true', /reads no fact/);
    refuses('[1, 2].exists(one, one == 1)', /reads no fact/);
    refuses('[1, 2].exists(level, level == 1)', /level is the name of a fact/);
  });

  it('cannot cost more than reading their facts', () => {
    refuses('secureBoot.matches("(a+)+$")', /matches/);
    refuses('words.all(a, words.all(b, a == b))', /inside another macro/);
    refuses(`${'('.repeat(200)}secureBoot == "x"${')'.repeat(200)}`, /depth/i);
    refuses(Array.from({ length: 150 }, () => 'level>0').join('&&'), /nodes|depth/i);
    refuses(`secureBoot == "${'x'.repeat(2048)}"`, /longer than/);
  });
});
