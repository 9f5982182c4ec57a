// The command line of `npm run lab`.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readOptions, usage } from '../../lab/options.ts';
import { scenarios } from '../../lab/scenarios.ts';

describe('the command line of the lab', () => {
  it('takes every scenario unless told', () => {
    assert.deepEqual(readOptions([]), {
      chosen: scenarios,
      keep: false,
      json: false,
      retake: undefined,
      show: undefined,
    });
  });

  it('takes the scenarios that are named, in the order in which they are told', () => {
    const { chosen } = readOptions(['--only', 'reboot', '--only', 'honest']);
    assert.deepEqual(
      chosen.map(({ name }) => name),
      ['honest', 'reboot'],
    );
  });

  it('shows a line for every scenario, and runs none', () => {
    const lines = readOptions(['--list']).show?.split('\n') ?? [];
    assert.equal(lines.length, scenarios.length);
    for (const [index, { name, title }] of scenarios.entries()) {
      assert.ok(lines[index]?.startsWith(`${name} `));
      assert.ok(lines[index]?.endsWith(title));
    }
  });

  it('shows its usage when asked, whatever else is asked', () => {
    assert.equal(readOptions(['--help', '--list']).show, usage);
    assert.equal(readOptions(['-h']).show, usage);
  });

  it('understands no scenario that is not there, no other option and no word', () => {
    assert.throws(() => readOptions(['--only', 'no-such']), /no scenario is called no-such; --list shows all/);
    assert.throws(() => readOptions(['--hurry']), TypeError);
    assert.throws(() => readOptions(['honest']), TypeError);
  });

  it('retakes fixtures of every scenario, or of some', () => {
    assert.equal(readOptions(['--retake', 'folder']).retake, 'folder');
    const { retake, chosen } = readOptions(['--retake', 'folder', '--only', 'honest']);
    assert.deepEqual([retake, chosen.length], ['folder', 1]);
  });

  it('replaces no folder that holds anything but what was taken before', () => {
    assert.throws(() => readOptions(['--retake', import.meta.dirname]), /holds something else/);
    const taken = join(import.meta.dirname, '../fixtures/lab/guests');
    assert.equal(readOptions(['--retake', taken]).retake, taken);
  });

  it('calls no two scenarios the same', () => {
    assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  });
});
