import assert from 'node:assert/strict';
import { createPaper } from '../../src/cli/terminal.ts';
import { formatGoldens, shownState, type Golden, type ShownState } from '../../src/cli/commands/golden-record.ts';

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

describe('the list of golden measurements', () => {
  const paper = createPaper({ write: () => undefined }, {});
  const cells = (more: Partial<Golden>): string[] => {
    const [, row = ''] = formatGoldens(paper, [{ ...golden, name: 'kernel layer', state: 'active', inForce: true, ...more }], at); // prettier-ignore
    return row.trimEnd().split(/ {2,}/).slice(-3, -1);
  };
  const image = 'image Acpi(0xa0341d0,0x0)/HD(0x1,aaaa)/File(\\\\EFI\\\\Linux\\\\lab-6.1.efi)';
  const landmarkOf = (description: string) => ({ pcr: 9, description, digest: `sha256:26f2e57c${'0'.repeat(56)}` });

  it('tells two kernels apart: by the file that was started, and the digest that reasons and what-if show', () => {
    const kernel = landmarkOf('(unverified) (hd0,gpt1)/boot/vmlinuz-6.1.0-18-amd64');
    assert.deepEqual(cells({ landmark: kernel }), ['(hd0,gpt1)/boot/vmlinuz-6.1.0-18-amd64', '26f2e57c']);
    assert.deepEqual(cells({ landmark: landmarkOf(`(unverified) ${image}`) }), [
      '\\EFI\\Linux\\lab-6.1.efi',
      '26f2e57c',
    ]);
    assert.deepEqual(cells({ landmark: kernel, description: 'cloud kernel' }), ['cloud kernel', '26f2e57c']);
    assert.deepEqual(cells({ landmark: kernel, name: 'linux 6.1.90' }), ['linux 6.1.90', '26f2e57c']);
  });

  it('says what it has of what a server of an older release tells', () => {
    assert.deepEqual(cells({}), ['kernel layer', '-']);
  });
});
