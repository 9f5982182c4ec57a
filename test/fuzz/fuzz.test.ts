// The fuzzer for a few seconds, the same every time; `npm run fuzz` goes on for as long as it is told. [PEERS T17]
import assert from 'node:assert/strict';
import { createTargets, targetNames } from './targets.ts';
import { superviseFuzzing, type FuzzReport } from './supervise.ts';
import { outcomeOf } from '../support/hostile-bytes.ts';

const heapMb = 64;

function fuzz(module: string, names: readonly string[], maximumRuns: number, hangMs = 20_000): Promise<FuzzReport> {
  const jobs = names.map((target) => ({ target, seed: 20260101, maximumRuns, maximumMs: 300 }));
  return superviseFuzzing(jobs, { targets: new URL(module, import.meta.url), heapMb, hangMs });
}

/** Faults that are told by another kind than their name. */
const kindOf: Readonly<Record<string, string>> = { 'unknown-code': 'untyped-error', 'unstable-late': 'unstable' };

describe('the fuzzer', () => {
  before(() => (process.env['TOUCHSTONE_FUZZ_VECTORS'] = 'no'));
  after(() => delete process.env['TOUCHSTONE_FUZZ_VECTORS']);

  it('reads at least one good input of every target to the end', async () => {
    for (const { name, seeds, run } of await createTargets(targetNames)) {
      const [seed] = seeds;
      assert.ok(seed, name);
      assert.equal(await Promise.resolve(outcomeOf(() => run(seed))), undefined, name);
    }
  });

  it(`T17: finds no crash, hang, growth, untyped error or second result in any reader, with ${heapMb} MiB of heap`, async () => {
    const { findings, statistics } = await fuzz('targets.ts', targetNames, 200);
    const described = findings.map(({ target, kind, detail }) => `${target}: ${kind}: ${detail}`);
    assert.deepEqual(described, []);
    assert.deepEqual(
      statistics.map(({ target }) => target),
      targetNames,
    );
    for (const { target, runs, accepted } of statistics) assert.ok(runs > 0 && accepted > 0, target);
  }).timeout(300_000);

  it('finds each planted fault, and tells what it is', async () => {
    const faults = ['untyped-error', 'unknown-code', 'slow', 'growth', 'input-changed', 'unstable', 'unstable-late'];
    const { findings } = await fuzz('planted.ts', ['none', ...faults], 60);
    const seen = findings.map(({ target, kind }) => `${target}: ${kind}`);
    assert.deepEqual(new Set(seen), new Set(faults.map((name) => `${name}: ${(kindOf[name] ?? name)}`))); // prettier-ignore
  }).timeout(120_000);

  it('survives a reader that hangs or takes all memory, has the input, and goes on with the next', async () => {
    // To take all memory needs its time, more of it on a busy machine: that is no hang.
    for (const [kind, hangMs] of [
      ['hang', 1500],
      ['crash', 20_000],
    ] as const) {
      const { findings, statistics } = await fuzz('planted.ts', [kind, 'none'], 60, hangMs);
      assert.deepEqual(
        findings.map((finding) => [finding.kind, finding.input.length > 0]),
        [[kind, true]],
      );
      assert.deepEqual(
        statistics.map(({ target }) => target),
        ['none'],
      );
    }
  }).timeout(120_000);
});
