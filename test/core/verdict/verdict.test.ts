import assert from 'node:assert/strict';
import { goldensOf, goldensOfLayer } from '../../../src/core/verdict/index.ts';

describe('what a verdict rests on', () => {
  const layers = { kernel: 'k', runtime: 'r1' };
  const whole = { layers, furtherGoldens: ['r2', 'r3'] };

  it('is each golden measurement of each layer, and the further ones of the running system', () => {
    assert.deepEqual(goldensOf(whole), ['k', 'r1', 'r2', 'r3']);
    assert.deepEqual(goldensOf({ layers }), ['k', 'r1']);
    assert.deepEqual(goldensOf({ layers: {} }), []);
  });

  it('is of one layer its own, and only those of the running system are several', () => {
    assert.deepEqual(goldensOfLayer(whole, 'kernel'), ['k']);
    assert.deepEqual(goldensOfLayer(whole, 'runtime'), ['r1', 'r2', 'r3']);
    assert.deepEqual(goldensOfLayer({ layers }, 'runtime'), ['r1']);
    assert.deepEqual(goldensOfLayer({ layers: { kernel: 'k' }, furtherGoldens: ['r2'] }, 'runtime'), []);
    assert.deepEqual(goldensOfLayer(whole, 'initrd'), []);
  });
});
