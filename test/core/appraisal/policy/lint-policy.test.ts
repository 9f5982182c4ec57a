import assert from 'node:assert/strict';
import { coveredPcrs, lintPolicy, parsePolicy, type PolicyRemark } from '../../../../src/core/appraisal/index.ts';
import { layers } from '../../../../src/core/event-log/index.ts';
import { bootLayers, labPolicy } from '../lab.ts';

const whole = { secureBoot: 'enabled', separators: 'complete', sbatLevel: { date: '2025021800' } };
const requireFacts = { ...whole, hardening: { iommu: 'not-off' } };

function lint(more: Readonly<Record<string, unknown>>): readonly PolicyRemark[] {
  return lintPolicy(parsePolicy({ id: 'p', version: 1, layers: bootLayers, verdictSeconds: 60, ...more }));
}

function codesOf(remarks: readonly PolicyRemark[]): readonly string[] {
  return remarks.map(({ code }) => code);
}

describe('lintPolicy', () => {
  it('is silent about a policy that demands the whole boot and a fact of each layer', () => {
    assert.deepEqual(lint({ requireFacts }), []);
    assert.deepEqual(lint({ requireFacts, layers: [...bootLayers, 'runtime'] }), []);
  });

  it('T21: warns of each boot stage that no demanded layer covers, and names its PCRs', () => {
    const stages = lint({ layers: ['firmware', 'kernel'] }).filter(({ code }) => code === 'POLICY_STAGE_OPEN');
    assert.deepEqual(
      stages.map(({ layer, uncovered, severity }) => [layer, uncovered, severity]),
      [
        ['secure-boot', [7, 14], 'warning'],
        ['boot-loader', [], 'warning'],
        ['kernel-command-line', [8, 12], 'warning'],
        ['initrd', [], 'warning'],
      ],
    );
    assert.match(stages[0]?.message ?? '', /layer secure-boot.*PCR 7, 14/);
  });

  it('takes a condition for a demand of the facts that it reads', () => {
    const condition = (expression: string) => ({
      conditions: [{ name: 'c', expression, description: 'd', remedy: 'r' }],
    });
    const expression =
      'secureBoot == "enabled" && sbatDate > 1 && separators == "complete" && hardening["iommu"] == "on"';
    assert.deepEqual(lint(condition(expression)), []);
    const open = lint({ layers: ['firmware', 'secure-boot'], ...condition('kernelRelease != "1" && sbatDate > 1') });
    const messages = open
      .filter(({ code }) => code === 'POLICY_FACT_RESTS_ON_OPEN_LAYER')
      .map(({ message }) => message);
    assert.equal(messages.length, 2);
    assert.match(
      messages[0] ?? '',
      /^The condition c reads the fact kernelCommandLine, which is what programs of layer boot-loader and kernel say/,
    );
    assert.match(messages[1] ?? '', /the fact sbatLevel, which is what programs of layer boot-loader say/);
  });

  it('advises a fact for each layer that is pinned without one', () => {
    const advice = lintPolicy(labPolicy());
    assert.deepEqual(
      advice.map(({ code, severity, layer }) => [code, severity, layer]),
      ['firmware', 'secure-boot', 'boot-loader', 'kernel-command-line'].map((layer) => [
        'POLICY_LAYER_WITHOUT_FACT',
        'advice',
        layer,
      ]),
    );
  });

  it('finds words and certificates that are demanded and forbidden', () => {
    const kernelCommandLine = { require: ['quiet', 'ro'], forbid: ['ro'] };
    const digest = 'ab'.repeat(32);
    const signatureDatabases = { db: { mustContain: [digest], mustNotContain: [digest] } };
    const remarks = lint({ requireFacts: { ...requireFacts, kernelCommandLine, signatureDatabases } });
    assert.deepEqual(codesOf(remarks), ['POLICY_NEVER_SATISFIED', 'POLICY_NEVER_SATISFIED']);
    assert.match(remarks[0]?.message ?? '', /kernelCommandLine demands and forbids "ro"/);
    assert.match(remarks[1]?.message ?? '', /signatureDatabases\.db/);
  });

  it('warns of facts that rest on a program that is not pinned', () => {
    const remarks = lint({ requireFacts, layers: bootLayers.filter((layer) => layer !== 'boot-loader') });
    const resting = remarks.filter(({ code }) => code === 'POLICY_FACT_RESTS_ON_OPEN_LAYER');
    assert.deepEqual(resting.map(({ message }) => /The fact (\w+)/.exec(message)?.[1]), ['sbatLevel', 'hardening']); // prettier-ignore
  });

  it('warns of verdicts longer than a day, and of one second more only', () => {
    assert.deepEqual(lint({ requireFacts, verdictSeconds: 86_400 }), []);
    assert.deepEqual(codesOf(lint({ requireFacts, verdictSeconds: 86_401 })), ['POLICY_VERDICT_LONG']);
  });

  it('never has to warn of registers that any program can reset: no layer is read from them', () => {
    const covered = coveredPcrs({ layers });
    assert.deepEqual(covered.filter((pcr) => pcr === 16 || pcr === 23), []); // prettier-ignore
  });
});
