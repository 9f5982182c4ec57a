import assert from 'node:assert/strict';
import {
  compareBoot,
  parseAttest,
  type BootEpoch,
  type BootState,
  type ClockInfo,
} from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';

const base: ClockInfo = { clockMs: 1_000_000n, resetCount: 5, restartCount: 2, safe: true };
const state = (change: Partial<ClockInfo> = {}): BootState => ({ clock: { ...base, ...change }, firmwareVersion: 1n });

function expectEpoch(change: Partial<ClockInfo>, expected: BootEpoch, previous = state()): void {
  assert.equal(compareBoot(previous, state(change)), expected);
}

describe('compareBoot', () => {
  it('knows no boot before the first', () => {
    assert.equal(compareBoot(undefined, state()), 'first');
  });

  it('T35: sees the same boot, a resume, a reboot and a reboot after a crash, none of them a failure', () => {
    expectEpoch({ clockMs: 1_000_001n }, 'same-boot');
    expectEpoch({ clockMs: 1_000_001n, restartCount: 3 }, 'resumed');
    expectEpoch({ clockMs: 1_000_001n, resetCount: 6, restartCount: 0 }, 'rebooted');
    expectEpoch({ clockMs: 990_000n, resetCount: 6, restartCount: 0, safe: false }, 'rebooted');
    expectEpoch({ clockMs: 1_000_001n, safe: false }, 'same-boot');
    expectEpoch({ clockMs: 1_000_001n, resetCount: 9, restartCount: 4 }, 'rebooted');
  });

  it('T33: sees an older statement of the same boot, and the same statement again', () => {
    expectEpoch({}, 'rolled-back');
    expectEpoch({ clockMs: 999_999n }, 'rolled-back');
    expectEpoch({ clockMs: 999_999n, safe: false }, 'rolled-back');
    expectEpoch({ clockMs: 1_000_001n, restartCount: 1 }, 'rolled-back');
    expectEpoch({ clockMs: 999_999n, restartCount: 3 }, 'rolled-back');
  });

  it('T33: sees a statement of an earlier boot, whatever its clock says', () => {
    expectEpoch({ resetCount: 4 }, 'rolled-back');
    expectEpoch({ clockMs: 9_000_000n, resetCount: 4, restartCount: 9 }, 'rolled-back');
    expectEpoch({ clockMs: 0n, resetCount: 0, restartCount: 0 }, 'rolled-back');
  });

  it('T33: sees a restored TPM whose safe clock went back although its reset count rose', () => {
    expectEpoch({ clockMs: 999_999n, resetCount: 6, restartCount: 0, safe: true }, 'rolled-back');
    expectEpoch({ clockMs: 1_000_000n, resetCount: 6, restartCount: 0, safe: true }, 'rebooted');
  });

  it('T35: counts modulo 2^32, because a TPM adds a constant per key', () => {
    const last = state({ resetCount: 0xffffffff, restartCount: 0xffffffff });
    expectEpoch({ clockMs: 1_000_001n, resetCount: 0, restartCount: 7 }, 'rebooted', last);
    expectEpoch({ clockMs: 1_000_001n, resetCount: 0xffffffff, restartCount: 0 }, 'resumed', last);
    expectEpoch({ clockMs: 1_000_001n, resetCount: 0xfffffffe, restartCount: 0 }, 'rolled-back', last);
    expectEpoch({ clockMs: 1_000_001n, resetCount: 5 }, 'rebooted', state({ resetCount: 5 - 2 ** 31 + 2 ** 32 }));
    expectEpoch({ clockMs: 1_000_001n, resetCount: 5 }, 'rolled-back', state({ resetCount: 6 }));
  });

  it('T33: takes half of all differences for later, and the others for earlier', () => {
    for (const [ahead, ofReset, ofRestart] of [
      [2 ** 31, 'rebooted', 'resumed'],
      [2 ** 31 + 1, 'rolled-back', 'rolled-back'],
    ] as const) {
      const before = 2 ** 32 - ahead;
      expectEpoch({ clockMs: 1_000_001n, resetCount: 0 }, ofReset, state({ resetCount: before }));
      expectEpoch({ clockMs: 1_000_001n, restartCount: 0 }, ofRestart, state({ restartCount: before }));
    }
  });

  it('orders two quotes of one boot of a real machine', () => {
    const quotes = ['rsa', 'ecc'].map((key) => parseAttest(capture(`boot/sb-on/quote/quote_${key}.msg`)));
    const clocks = quotes.map(({ clock }) => clock.clockMs);
    assert.equal(new Set(clocks).size, 2);
    const sorted = [...quotes].sort((one, other) => (one.clock.clockMs < other.clock.clockMs ? -1 : 1));
    const [earlier, later] = sorted;
    assert.ok(earlier && later);
    assert.equal(compareBoot(earlier, later), 'same-boot');
    assert.equal(compareBoot(later, earlier), 'rolled-back');
  });
});
