import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isClaimValue,
  isTrustClaim,
  isWorse,
  statusOfClaim,
  statusOfVector,
  worstStatus,
  type TrustStatus,
} from '../../../src/core/verdict/index.ts';

describe('statusOfClaim', () => {
  it('knows the edges of every tier [AR4SI §2.3]', () => {
    const edges: readonly (readonly [TrustStatus, readonly number[]])[] = [
      ['none', [-1, 0, 1]],
      ['affirming', [2, 31, -2, -32]],
      ['warning', [32, 95, -33, -96]],
      ['contraindicated', [96, 127, -97, -128, 99]],
    ];
    for (const [status, values] of edges) for (const value of values) assert.equal(statusOfClaim(value), status);
  });

  it('never guesses upwards: what is no eight-bit integer is contraindicated', () => {
    for (const value of [128, -129, 2.5, NaN, Infinity]) assert.equal(statusOfClaim(value), 'contraindicated');
    for (const value of ['2', 2n, null, undefined, 2.5, 128, -129]) assert.equal(isClaimValue(value), false);
    for (const value of [127, -128]) assert.equal(isClaimValue(value), true);
  });
});

describe('worstStatus', () => {
  it('is none when there is nothing to judge', () => {
    assert.equal(worstStatus([]), 'none');
    assert.equal(statusOfVector({}), 'none');
    assert.equal(statusOfVector({ hardware: 0, executables: 0 }), 'none');
    assert.equal(
      statusOfVector({ hardware: 0, executables: 2 }),
      'affirming',
      'a claim that is not made judges nothing',
    );
  });

  it('orders affirming, warning, none, contraindicated', () => {
    const order: readonly TrustStatus[] = ['affirming', 'warning', 'none', 'contraindicated'];
    for (const [index, status] of order.entries()) {
      for (const [other, better] of order.entries()) assert.equal(isWorse(status, better), index > other);
      assert.equal(worstStatus(order.slice(0, index + 1)), status);
    }
  });
});

describe('statusOfVector', () => {
  it('is the worst claim', () => {
    assert.equal(statusOfVector({ hardware: 2, executables: 3 }), 'affirming');
    assert.equal(statusOfVector({ hardware: 2, executables: 33 }), 'warning');
    assert.equal(statusOfVector({ hardware: 2, executables: -1 }), 'none');
    assert.equal(statusOfVector({ hardware: 97, executables: 33, configuration: 1 }), 'contraindicated');
  });

  it('is never better than any claim that is made', () => {
    const value = fc.integer({ min: -128, max: 127 });
    fc.assert(
      fc.property(value, value, value, (hardware, executables, configuration) => {
        const status = statusOfVector({ hardware, executables, configuration });
        for (const claim of [hardware, executables, configuration]) {
          if (claim !== 0) assert.equal(isWorse(statusOfClaim(claim), status), false);
        }
      }),
    );
  });

  it('knows the names of AR4SI and not those of Object', () => {
    assert.equal(isTrustClaim('runtime-opaque'), true);
    for (const name of ['constructor', '__proto__', 'runtime_opaque', '']) assert.equal(isTrustClaim(name), false);
  });
});
