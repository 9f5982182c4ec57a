import assert from 'node:assert/strict';
import type { Finding, Verdict } from '../../../src/core/verdict/index.ts';
import { groupRefusals, refusalOf, type Refusal } from '../../../src/server/rollout/refusals.ts';
import type { VerdictRecord } from '../../../src/server/storage/index.ts';

const finding = (code: string, more: Partial<Finding> = {}): Finding => ({
  ...{ code, severity: 'error', check: 'layers', message: '', remedy: '' },
  ...more,
});
const secureBoot = finding('SECURE_BOOT_DISABLED', { check: 'facts', layer: 'secure-boot' });
const kernel = finding('KERNEL_DIVERGED', { layer: 'kernel' });
const refused = (findings: readonly Finding[], status: Verdict['status'] = 'contraindicated'): VerdictRecord =>
  ({ verdict: { status, findings }, issuedAt: 1000 }) as unknown as VerdictRecord;
const terms = (...layers: readonly string[]) => ({ layers, stageOpenedAt: 999 });
const other = { code: 'SECURE_BOOT_DISABLED', layer: 'secure-boot', isOfRollout: false, isBefore: false };
const own = { code: 'KERNEL_DIVERGED', layer: 'kernel', isOfRollout: true, isBefore: false };

describe('why a host of a stage is refused', () => {
  it('is of the rollout where nothing matches a layer that it brings, whatever else is wrong', () => {
    assert.deepEqual(refusalOf(refused([secureBoot, kernel]), terms('kernel')), own);
    assert.deepEqual(refusalOf(refused([secureBoot, kernel]), terms('initrd')), other);
  });

  it('is something else where a fact or a deny list speaks of the layer, or a warning does', () => {
    const denied = finding('KERNEL_DENIED', { check: 'deny', layer: 'kernel' });
    assert.equal(refusalOf(refused([denied]), terms('kernel')).isOfRollout, false);
    const warned = refused([{ ...kernel, severity: 'warning' }], 'warning');
    assert.deepEqual(refusalOf(warned, terms('kernel')), { ...own, isOfRollout: false });
  });

  it('is the status where the verdict names nothing', () => {
    const of = { ...other, code: 'contraindicated', layer: undefined };
    assert.deepEqual(refusalOf(refused([]), terms('kernel')), of);
  });

  it('may be from before the stage was opened, which says nothing of what is not of the rollout', () => {
    const later = { layers: ['kernel'], stageOpenedAt: 1000 };
    assert.deepEqual(refusalOf(refused([kernel]), later), { ...own, isBefore: true });
    assert.deepEqual(refusalOf(refused([secureBoot]), later), other);
  });

  it('groups hosts, those of the rollout first, large groups next', () => {
    const third = { ...other, code: 'QUOTE_STALE', layer: undefined };
    const refusals: Readonly<Record<string, Refusal>> = { d: third, b: other, a: other, c: own };
    const groups = groupRefusals(new Map(Object.entries(refusals)));
    assert.deepEqual(groups, [
      { ...own, hosts: ['c'] },
      { ...other, hosts: ['a', 'b'] },
      { ...third, hosts: ['d'] },
    ]);
    assert.deepEqual(groupRefusals(new Map()), []);
  });
});
