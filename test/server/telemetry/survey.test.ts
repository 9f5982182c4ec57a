import assert from 'node:assert/strict';
import type { Family } from '../../../src/server/telemetry/exposition.ts';
import { createSurvey } from '../../../src/server/telemetry/survey.ts';

const family = (name: string): Family => ({ name, type: 'gauge', help: 'x', samples: [{ labels: {}, value: 1 }] });

/** A fleet that takes `tookMs` to look at, under a clock that only the test moves. */
function createWorld(tookMs: number) {
  const world = { now: 0, looks: 0, isDown: false, failures: 0 };
  const survey = createSurvey({
    look: () => {
      world.looks += 1;
      world.now += tookMs;
      return world.isDown ? Promise.reject(new Error('down')) : Promise.resolve([family(`look_${world.looks}`)]);
    },
    clock: () => world.now,
    longestWaitMs: 10_000,
    onFailure: () => (world.failures += 1),
  });
  const valueOf = async (name: string): Promise<number | undefined> =>
    (await survey.read()).find((one) => one.name === name)?.samples[0]?.value;
  return { world, survey, valueOf };
}

describe('a survey of the fleet', () => {
  it('takes no more than a fiftieth of the time, and says how old it is', async () => {
    const { world, valueOf } = createWorld(100);
    assert.equal(await valueOf('look_1'), 1);
    world.now += 4999;
    assert.equal(await valueOf('touchstone_survey_age_seconds'), 4.999);
    assert.equal(world.looks, 1);
    world.now += 1;
    assert.equal(await valueOf('look_2'), 1);
    assert.equal(await valueOf('touchstone_store_up'), 1);
  });

  it('looks once for all who ask at the same time', async () => {
    const { world, survey } = createWorld(0);
    await Promise.all([survey.read(), survey.read(), survey.read()]);
    assert.equal(world.looks, 1);
  });

  it('says that the store is down, and nothing of what was true before', async () => {
    const { world, survey, valueOf } = createWorld(0);
    assert.equal(await valueOf('look_1'), 1);
    world.isDown = true;
    assert.equal(await valueOf('touchstone_store_up'), 0);
    assert.deepEqual(
      (await survey.read()).map(({ name }) => name),
      ['touchstone_store_up', 'touchstone_survey_age_seconds'],
    );
    assert.ok(world.failures >= 2);
    world.isDown = false;
    assert.equal(await valueOf('touchstone_store_up'), 1);
  });

  it('does not keep a scrape waiting for a large fleet', async () => {
    let found: (families: readonly Family[]) => void = () => undefined;
    const look = () => new Promise<readonly Family[]>((resolve) => (found = resolve));
    const survey = createSurvey({ look, clock: () => 0, longestWaitMs: 10, onFailure: () => assert.fail() });
    const first = await survey.read();
    assert.deepEqual(
      first.map(({ samples }) => samples.length),
      [0, 0],
    );
    found([family('late')]);
    await new Promise(setImmediate);
    assert.equal((await survey.read()).at(-1)?.name, 'late');
  });
});
