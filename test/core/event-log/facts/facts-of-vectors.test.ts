// The facts of other people's boots, where they are present: each has its event, and none says what the log does not.
import assert from 'node:assert/strict';
import { readFacts, type BootFacts, type ReplayedLog } from '../../../../src/core/event-log/index.ts';
import { vectorBoots } from '../../appraisal/captured-boots.ts';
import { vectorCases } from '../../../support/vectors.ts';

/** Every `event` anywhere in the facts, with the path to it. */
function eventsOf(value: unknown, path: string): readonly (readonly [string, number])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === 'event' && typeof inner === 'number' ? [[path, inner] as const] : eventsOf(inner, `${path}.${name}`),
  );
}

function unboundFacts(truth: ReplayedLog, facts: BootFacts): readonly string[] {
  const bound = new Map(truth.events.map(({ index, dataBound }) => [index, dataBound]));
  return eventsOf(facts, '').flatMap(([path, event]) =>
    bound.get(event) === true ? [] : [`${path} by event ${event}`],
  );
}

const boots = vectorBoots().map(({ name, truth }) => ({ name, truth, facts: readFacts(truth) }));
const expected = new Map(vectorCases('eventlog', '.bin').map(({ file, expect }) => [file, expect['secure_boot']]));

describe('facts of published boots', () => {
  for (const { name, truth, facts } of boots) {
    it(`rest on bound events: ${name}`, () => {
      assert.deepEqual(unboundFacts(truth, facts), []);
    });
  }

  for (const { name, facts } of boots.filter(({ facts }) => facts.secureBoot.value !== 'unknown')) {
    it(`know Secure Boot as it is recorded: ${name}`, () => {
      assert.equal(facts.secureBoot.value, expected.get(name) === 'on' ? 'enabled' : 'disabled');
    });
  }

  it('are the same when read again', () => {
    for (const { truth, facts } of boots) assert.deepEqual(readFacts(truth), facts);
  });
});
