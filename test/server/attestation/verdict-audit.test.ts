import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { auditOfVerdict } from '../../../src/server/attestation/verdict-audit.ts';
import type { Ground } from '../../../src/server/attestation/view-verdict.ts';
import type { HostRecord, VerdictRecord } from '../../../src/server/storage/index.ts';
import { during, verdict as affirming } from '../../core/verdict/verdicts.ts';

const host = { hostId: affirming.host, state: 'active', epoch: 1, quarantines: [] } as unknown as HostRecord;
const note = { code: 'FACT_NOTED', severity: 'info', check: 'facts', message: 'seen', remedy: 'none' } as const;
const warning = { ...note, code: 'FACT_OLD', severity: 'warning' } as const;
const verdict: Verdict = { ...affirming, layers: { firmware: 'a', kernel: 'b' }, findings: [note, warning] };

function auditOf(now: Verdict, before: Verdict | undefined, record: Partial<VerdictRecord> = {}) {
  const previous = before && {
    hostId: host.hostId,
    epoch: 1,
    sequence: 1,
    verdict: before,
    issuedAt: Date.parse(before.issuedAt),
    expiresAt: Date.parse(before.expiresAt),
    voided: undefined,
    ...record,
  };
  return auditOfVerdict(now, { host, previous, at: during, ground: undefined });
}

describe('the audit entry of a verdict', () => {
  it('is written of the first, and of none that says the same again', () => {
    assert.equal(auditOf(verdict, undefined)?.action, 'verdict.changed');
    const later = { ...verdict, evidenceDigest: '11'.repeat(32), issuedAt: during.toISOString() };
    assert.equal(auditOf(later, verdict), undefined);
  });

  it('is not written when the same stands in another order', () => {
    const turned = { ...verdict, layers: { kernel: 'b', firmware: 'a' }, findings: [warning, note] };
    assert.equal(auditOf(turned, verdict), undefined);
  });

  it('is written when anything is said otherwise', () => {
    const { policy, boot, ...bare } = verdict;
    assert(policy !== undefined && boot !== undefined);
    const others: Readonly<Record<string, Verdict>> = {
      status: { ...verdict, status: 'warning' },
      'no policy': { ...bare, boot },
      'id of the policy': { ...verdict, policy: { ...policy, id: 'other' } },
      'version of the policy': { ...verdict, policy: { ...policy, version: 8 } },
      'no boot': { ...bare, policy },
      reset: { ...verdict, boot: { ...boot, resetCount: 5 } },
      restart: { ...verdict, boot: { ...boot, restartCount: 1 } },
      'another golden measurement': { ...verdict, layers: { firmware: 'a', kernel: 'c' } },
      'another layer': { ...verdict, layers: { firmware: 'a', initrd: 'b' } },
      'a layer more': { ...verdict, layers: { ...verdict.layers, initrd: 'c' } },
      'a layer less': { ...verdict, layers: { firmware: 'a' } },
      'a further golden measurement': { ...verdict, furtherGoldens: ['d'] },
      'a finding less': { ...verdict, findings: [note] },
      'a finding twice': { ...verdict, findings: [note, warning, warning] },
      'another code': { ...verdict, findings: [note, { ...warning, code: 'FACT_NEW' }] },
      'another severity': { ...verdict, findings: [note, { ...warning, severity: 'error' }] },
    };
    for (const [what, other] of Object.entries(others)) {
      assert(auditOf(other, verdict) !== undefined, what);
      assert(auditOf(verdict, other) !== undefined, what);
    }
  });

  it('says what was believed before, by what policy, of what boot, and what denies now, each once', () => {
    const error = { ...note, severity: 'error' } as const;
    const now: Verdict = { ...verdict, status: 'contraindicated', findings: [warning, error, error] };
    const { policy, boot, ...bare } = now;
    assert(policy !== undefined && boot !== undefined);
    assert.deepEqual(auditOf(now, verdict)?.details, {
      status: 'contraindicated',
      before: verdict.status,
      expiresAt: verdict.expiresAt,
      policy: `${policy.id}/${policy.version}`,
      boot: boot.epoch,
      findings: [error.code],
      evidence: verdict.evidenceDigest,
    });
    const first = auditOf(bare, undefined)?.details ?? {};
    assert.deepEqual([first['before'], first['policy'], first['boot']], [null, null, null]);
  });

  it('says what else makes the host worth more', () => {
    const [since, until] = [during, new Date(during.getTime() + 1000)];
    const hold = { since, until, reason: 'many', status: 'affirming' } as const;
    const grant = { ...hold, statement: 'bgs_1', ticket: 'INC-1', signers: [] };
    const told = (ground: Ground) =>
      auditOfVerdict(verdict, { host, previous: undefined, at: during, ground })?.details ?? {};
    assert.equal(told({ hold })['heldUntil'], until.toISOString());
    assert.deepEqual(
      [told({ grant })['breakGlass'], told({ grant })['breakGlassUntil']],
      ['bgs_1', until.toISOString()],
    );
  });

  it('is written when the one before had ended', () => {
    assert(auditOf(verdict, verdict, { expiresAt: during.getTime() }) !== undefined);
    assert(auditOf(verdict, verdict, { epoch: 0 }) !== undefined);
  });
});
