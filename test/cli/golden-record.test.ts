import assert from 'node:assert/strict';
import { shownState, type Golden, type ShownState } from '../../src/cli/commands/golden-record.ts';

const at = new Date('2026-11-25T12:00:00Z');
const [before, later] = ['2026-11-25T11:00:00Z', '2026-11-25T13:00:00Z'];
const golden = { id: 'sha256:00', layer: 'kernel', name: 'k', signatures: [] as Golden['signatures'], quorum: 2, proposedAt: before } as const; // prettier-ignore
const running = { rollout: 'r', state: 'running' } as const;
const rolledBack = { rollout: 'r', state: 'rolled-back' } as const;

describe('the state of a golden measurement, as it is shown', () => {
  const cases: readonly (readonly [Partial<Golden>, ShownState])[] = [
    [{ state: 'proposed', keptBack: running }, 'proposed'],
    [{ inForce: true }, 'active'],
    [{ inForce: true, supersededBy: 'sha256:01' }, 'superseded'],
    [{ notBefore: later }, 'not-yet'],
    [{ notBefore: later, keptBack: running }, 'not-yet'],
    [{ notBefore: before, keptBack: running }, 'staged'],
    [{ keptBack: running }, 'staged'],
    [{ keptBack: rolledBack }, 'rolled-back'],
    [{ notAfter: before, keptBack: running }, 'expired'],
    [{ state: 'retired', keptBack: running }, 'retired'],
    [{ state: 'revoked' }, 'revoked'],
    [{}, 'not-yet'],
  ];
  for (const [more, state] of cases) {
    it(`is ${state} where ${JSON.stringify(more)}`, () => {
      assert.equal(shownState({ ...golden, state: 'active', inForce: false, ...more }, at), state);
    });
  }
});
