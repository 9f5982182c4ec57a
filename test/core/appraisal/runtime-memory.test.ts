// A list of IMA that was proved once is not gone through again, and says what it would say without a memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { appraise, type AppraisalPolicy, type Evidence, type RememberedRuntime, type RuntimeMemory, type Trust } from '../../../src/core/appraisal/index.ts'; // prettier-ignore
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { parseImaList, verifyImaList } from '../../../src/core/ima/index.ts';
import { verifyPcrs, verifyQuote } from '../../../src/core/tpm/index.ts';
import { approve } from '../golden/material.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labLog, labNonce, labPolicy, labTrust } from './lab.ts';

const noon = Date.parse('2026-11-25T12:00:00Z');
const hour = 3_600_000;

function evidenceOf(run: string): Evidence {
  const path = new URL(`../../fixtures/lab/boot/${run}/ima_binary_runtime_measurements`, import.meta.url);
  return { ...labEvidence(run), imaLog: new Uint8Array(readFileSync(path)) };
}

function runtimeOf(run: string, ends: Partial<Record<'notBefore' | 'notAfter', Date>> = {}): ApprovedGolden[] {
  const { attest, signature, pcrs, imaLog } = evidenceOf(run);
  const quote = verifyQuote({ attest, signature, key: labKey(), qualifyingData: labNonce(run) });
  const ima = verifyImaList({ list: parseImaList(imaLog ?? new Uint8Array()), pcrs: verifyPcrs(quote, pcrs) });
  const statements = createGoldenStatements(labLog(run), { host: run, ima });
  return statements.filter(({ layer }) => layer === 'runtime').map((statement) => approve({ ...statement, ...ends }));
}

function createMemory() {
  const kept = new Map<string, RememberedRuntime>();
  let hits = 0;
  const memory: RuntimeMemory = {
    get: (key) => {
      const known = kept.get(key);
      if (known !== undefined) hits += 1;
      return known;
    },
    set: (key, runtime) => void kept.set(key, runtime),
  };
  return { memory, hits: () => hits, size: () => kept.size };
}

const good = evidenceOf('sb-on');
const goldens = [...labGoldens('sb-on'), ...runtimeOf('sb-on')];
const policy = labPolicy({ layers: [...bootLayers, 'runtime'] });
const at = new Date(noon);
const trust = labTrust('sb-on', goldens);

describe('a list of IMA that is remembered', () => {
  it('is what it was, for a quote of any host that says the same, and is not gone through again', () => {
    const { memory, hits, size } = createMemory();
    const first = appraise(good, trust, policy, at, { runtimes: memory });
    assert.deepEqual([first.status, hits(), size()], ['affirming', 0, 1]);
    const again = appraise(good, trust, policy, at, { runtimes: memory });
    assert.deepEqual([again, hits(), size()], [first, 1, 1]);
    const [kept] = [...(first.furtherGoldens ?? []), first.layers['runtime']];
    assert.equal(kept, goldens.at(-1)?.id);
  });

  it('ends with the golden measurement that approved it', () => {
    const { memory } = createMemory();
    appraise(good, trust, policy, at, { runtimes: memory });
    const without = labTrust('sb-on', labGoldens('sb-on'));
    assert.notEqual(appraise(good, without, policy, at, { runtimes: memory }).status, 'affirming');
  });

  it('is not remembered where it was refused, nor looked at where nothing demands it', () => {
    const { memory, size, hits } = createMemory();
    const bad = { ...labTrust('ima-evil', [...labGoldens('ima-evil'), ...runtimeOf('sb-on')]) };
    for (let round = 0; round < 2; round += 1) {
      assert.equal(appraise(evidenceOf('ima-evil'), bad, policy, at, { runtimes: memory }).status, 'contraindicated');
    }
    appraise(good, trust, labPolicy(), at, { runtimes: memory });
    assert.deepEqual([size(), hits()], [0, 0]);
  });

  it('is another one where one byte of it is another, or none is left', () => {
    const { memory } = createMemory();
    const remembering = (imaLog: Uint8Array) => appraise({ ...good, imaLog }, trust, policy, at, { runtimes: memory });
    const list = good.imaLog ?? new Uint8Array();
    assert.equal(remembering(list).status, 'affirming');
    for (const index of [0, 30, list.length - 1]) {
      const changed = list.with(index, (list[index] ?? 0) ^ 1);
      assert.equal(remembering(changed).status, appraise({ ...good, imaLog: changed }, trust, policy, at).status);
      assert.notEqual(remembering(changed).status, 'affirming');
    }
    assert.notEqual(remembering(new Uint8Array()).status, 'affirming');
  });

  it('says under each policy, golden measurement and time what it says without a memory, byte for byte', () => {
    const pool = [
      ...labGoldens('sb-on'),
      ...labGoldens('ima-evil'),
      ...runtimeOf('sb-on'),
      ...runtimeOf('sb-on', { notAfter: new Date(noon + 40 * 24 * hour) }),
      ...runtimeOf('sb-on', { notBefore: new Date(noon + hour) }),
      ...runtimeOf('ima-evil', { notAfter: new Date(noon + 2 * hour) }),
    ];
    const policies: readonly AppraisalPolicy[] = [
      policy,
      labPolicy({ layers: ['runtime'] }),
      labPolicy({ layers: ['runtime'], bank: 'sha384' }),
      labPolicy(),
    ];
    const cases = ['sb-on', 'ima-evil', 'ima-violation'].map((run) => [run, evidenceOf(run)] as const);
    // The list of one boot beside the quote of another.
    const others = cases
      .slice(1)
      .map(([run, evidence]) => [run, { ...evidence, imaLog: evidenceOf('sb-on').imaLog! }] as const);
    const all = [...cases, ...others];
    const steps = fc.array(
      fc.record({
        run: fc.nat({ max: all.length - 1 }),
        policy: fc.nat({ max: policies.length - 1 }),
        hours: fc.integer({ min: -1, max: 1000 }),
        /** Which golden measurements there are from now on; mostly the same as before. */
        change: fc.oneof(
          { weight: 2, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: pool.length, maxLength: pool.length }) },
        ),
      }),
      { minLength: 8, maxLength: 16 },
    );
    let used = 0;
    fc.assert(
      fc.property(steps, (taken) => {
        const { memory, hits } = createMemory();
        let known: readonly ApprovedGolden[] = pool;
        for (const { run, policy: index, hours, change } of taken) {
          if (change !== undefined) known = pool.filter((_, each) => change[each]);
          const [name, evidence] = all[run]!;
          const records: Trust = { ...labTrust(name, known), goldens: known };
          const input = [evidence, records, policies[index], new Date(noon + hours * hour)] as const;
          assert.equal(JSON.stringify(appraise(...input, { runtimes: memory })), JSON.stringify(appraise(...input)));
        }
        used += hits();
      }),
      { numRuns: 100 },
    );
    assert.ok(used > 20, 'the memory was hardly asked');
  });
});
