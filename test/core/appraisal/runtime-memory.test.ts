// A list of IMA that was proved once is not gone through again, and says what it would say without a memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { appraise, growLog, nameLog, type AppraisalPolicy, type Evidence, type RememberedRuntime, type RuntimeMemory, type Trust } from '../../../src/core/appraisal/index.ts'; // prettier-ignore
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { parseImaList, verifyImaList } from '../../../src/core/ima/index.ts';
import { verifyPcrs, verifyQuote } from '../../../src/core/tpm/index.ts';
import { approve } from '../golden/material.ts';
import { bootOf, entriesOf, evidenceOf, files, named, trustIn } from './paper-list.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labLog, labNonce, labPolicy, labTrust } from './lab.ts';

const noon = Date.parse('2026-11-25T12:00:00Z');
const hour = 3_600_000;

function labEvidenceOf(run: string): Evidence {
  const path = new URL(`../../fixtures/lab/boot/${run}/ima_binary_runtime_measurements`, import.meta.url);
  return { ...labEvidence(run), imaLog: new Uint8Array(readFileSync(path)) };
}

function runtimeOf(run: string, ends: Partial<Record<'notBefore' | 'notAfter', Date>> = {}): ApprovedGolden[] {
  const { attest, signature, pcrs, imaLog } = labEvidenceOf(run);
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

/** Which golden measurements there are from now on; undefined, `same` times of one more, for those there were before. */
function changeOf(pool: readonly ApprovedGolden[], same: number): fc.Arbitrary<readonly ApprovedGolden[] | undefined> {
  return fc.oneof(
    { weight: same, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.subarray([...pool]) },
  );
}

const good = labEvidenceOf('sb-on');
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
      assert.equal(
        appraise(labEvidenceOf('ima-evil'), bad, policy, at, { runtimes: memory }).status,
        'contraindicated',
      );
    }
    assert.deepEqual([size(), hits()], [0, 0]);
    appraise(good, trust, policy, at, { runtimes: memory });
    appraise(good, trust, labPolicy(), at, { runtimes: memory });
    assert.deepEqual([size(), hits()], [1, 0]);
  });

  it('counts from the moment on at which all that approved it holds, and until that ends', () => {
    const [begin, end] = [noon + hour, noon + 2 * hour];
    const known = [
      ...labGoldens('sb-on'),
      ...runtimeOf('sb-on', { notBefore: new Date(begin), notAfter: new Date(end) }),
    ];
    const held = labTrust('sb-on', known);
    for (const order of [
      [begin, begin - 1, end - 1, end],
      [end - 1, end, begin, begin - 1],
    ]) {
      // prettier-ignore
      const { memory } = createMemory();
      for (const now of order) {
        const { status } = appraise(good, held, policy, new Date(now), { runtimes: memory });
        assert.equal(status === 'affirming', begin <= now && now < end, new Date(now).toISOString());
      }
    }
  });

  it('is none where the host sends none: what is said then is what is said without a memory', () => {
    const { imaLog, ...without } = good;
    assert.ok(imaLog);
    const { memory } = createMemory();
    appraise(good, trust, policy, at, { runtimes: memory });
    assert.deepEqual(appraise(without, trust, policy, at, { runtimes: memory }), appraise(without, trust, policy, at));
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
    const cases = ['sb-on', 'ima-evil', 'ima-violation'].map((run) => [run, labEvidenceOf(run)] as const);
    // The list of one boot beside the quote of another.
    const others = cases
      .slice(1)
      .map(([run, evidence]) => [run, { ...evidence, imaLog: labEvidenceOf('sb-on').imaLog! }] as const);
    const all = [...cases, ...others];
    const steps = fc.array(
      fc.record({
        run: fc.nat({ max: all.length - 1 }),
        policy: fc.nat({ max: policies.length - 1 }),
        hours: fc.integer({ min: -1, max: 1000 }),
        change: changeOf(pool, 2),
      }),
      { minLength: 8, maxLength: 16 },
    );
    let used = 0;
    fc.assert(
      fc.property(steps, (taken) => {
        const { memory, hits } = createMemory();
        let known: readonly ApprovedGolden[] = pool;
        for (const { run, policy: index, hours, change } of taken) {
          known = change ?? known;
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

describe('a list of IMA that goes on from one that is remembered', () => {
  const runtimePolicy = labPolicy({ layers: ['runtime'] });
  const pool = [
    files({ digests: named('/d', '/e') }),
    files({ digests: named('/a', '/b', '/e'), excludedPaths: ['/left/out/'] }),
    files({ digests: named('/a', '/b', '/a2') }),
  ];
  const paths = ['/a', '/b', '/left/out/c', '/d', '/a2', '/e', '/unknown'];
  const boots = ['v1', 'v2'].map((version) => {
    const boot = bootOf(version);
    const measured = paths.map((path) => ({ path, violation: path === '/left/out/c' }));
    return { boot, entries: entriesOf(boot, measured) };
  });
  const upTo = ({ entries }: (typeof boots)[number], count: number) => concatBytes(...entries.slice(0, count));
  const trusted = trustIn(pool);
  const [first, second] = boots;
  assert.ok(first && second);

  it('is gone through from where that ended, and remembered as far as it is proven', () => {
    const { memory, hits, size } = createMemory();
    const remembering = (evidence: Evidence) =>
      appraise(evidence, trusted, runtimePolicy, new Date(noon), { runtimes: memory });
    const before = upTo(first, 3);
    assert.equal(remembering(evidenceOf(first.boot, before)).status, 'affirming');
    for (const count of [4, 7]) {
      const imaLog = growLog(before, upTo(first, count).subarray(before.length));
      const evidence = evidenceOf(first.boot, imaLog);
      // Nobody may do this to a log that has its name. Whoever read the beginning again would refuse it.
      imaLog.fill(0xff, 100, 110);
      assert.equal(remembering(evidence).status, 'affirming');
      assert.notEqual(appraise(evidence, trusted, runtimePolicy, new Date(noon)).status, 'affirming');
      assert.equal(remembering(evidence).status, 'affirming');
    }
    assert.deepEqual([hits(), size()], [4, 3]);
  });

  it('is not gone on with where only the new part is there, or another list is before it', () => {
    const { memory } = createMemory();
    const remembering = (evidence: Evidence) =>
      appraise(evidence, trusted, runtimePolicy, new Date(noon), { runtimes: memory }).status;
    const [before, whole] = [upTo(first, 3), upTo(first, 5)];
    assert.equal(remembering(evidenceOf(first.boot, before)), 'affirming');
    const added = whole.subarray(before.length);
    for (const imaLog of [nameLog(added), growLog(upTo(first, 2), added), growLog(upTo(second, 3), added)]) {
      assert.equal(remembering({ ...evidenceOf(first.boot, whole), imaLog }), 'none');
    }
  });

  it('says whatever comes, from whichever boot, however far it was quoted, what it says without a memory', () => {
    const steps = fc.array(
      fc.record({
        boot: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
        entries: fc.integer({ min: 1, max: paths.length + 1 }),
        unquoted: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
        grownFrom: fc.nat({ max: paths.length }),
        change: changeOf(pool, 5),
      }),
      { minLength: 8, maxLength: 24 },
    );
    let used = 0;
    fc.assert(
      fc.property(steps, (taken) => {
        const { memory, hits } = createMemory();
        let trust = trusted;
        for (const { boot: index, entries, unquoted, grownFrom, change } of taken) {
          if (change !== undefined) trust = trustIn(change);
          const host = boots[index]!;
          const whole = upTo(host, entries);
          const before = upTo(host, Math.min(grownFrom, entries));
          const imaLog = growLog(before, whole.subarray(before.length));
          const evidence = evidenceOf(host.boot, imaLog, { quoted: upTo(host, Math.max(1, entries - unquoted)) });
          const input = [evidence, trust, runtimePolicy, new Date(noon)] as const;
          assert.equal(JSON.stringify(appraise(...input, { runtimes: memory })), JSON.stringify(appraise(...input)));
        }
        used += hits();
      }),
      { numRuns: 100 },
    );
    assert.ok(used > 200, `the memory was hardly asked: ${used}`);
  });
});
