import assert from 'node:assert/strict';
import { cli, cliJson } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('touchstone host label', () => {
  let operators: OperatorsWorld;
  before(async () => {
    operators = await openOperatorsWorld();
  });
  after(() => operators.close());

  const label = (...changes: string[]) => cli(['host', 'label', 'hv-1', ...changes], operators.world);

  it('sets and removes, and says what is left, or that nothing is', async () => {
    assert.equal((await label('zone=north', 'rack=3')).stdout, 'hv-1: zone=north rack=3\n');
    assert.equal((await label('zone-')).stdout, 'hv-1: rack=3\n');
    assert.equal((await label('rack-')).stdout, 'hv-1: no label\n');
  });

  it('says of a word that is neither how the two are written', async () => {
    const { status, document } = await cliJson(['host', 'label', 'hv-1', 'zone'], operators.world);
    assert.equal(status, 2);
    assert.match(String(document['message']), /zone=value to set a label, or zone- to remove it, is expected$/);
    assert.match((await label('=x')).stderr, /name=value to set a label, or name- to remove it, is expected/);
  });
});
