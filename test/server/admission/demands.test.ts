import assert from 'node:assert/strict';
import { findPlacementReasons, findTrustReasons, type Demands } from '../../../src/server/admission/demands.ts';
import type { HeldVerdict } from '../../../src/server/attestation/host-verdict.ts';
import type { TrustStatus, TrustVector, Verdict } from '../../../src/core/verdict/index.ts';

describe('what a workload demands of a verdict that holds', () => {
  const at = new Date('2026-11-25T12:00:00Z');
  const verdict: Verdict = {
    host: 'hv-1',
    status: 'affirming',
    vector: {},
    findings: [],
    layers: {},
    evidenceDigest: '',
    challengedAt: at.toISOString(),
    issuedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + 60_000).toISOString(),
  };
  const none: Demands = {
    minimumStatus: 'affirming',
    maxAgeSeconds: undefined,
    requireVector: {},
    requireLabels: {},
    zone: undefined,
    tenant: undefined,
    confidentialComputing: false,
    refuseHeld: false,
  };
  const codesOf = (demands: Partial<Demands>, vector: TrustVector = {}, status: TrustStatus = 'affirming') => {
    const held: HeldVerdict = { hostId: 'hv-1', state: 'fresh', status, reasons: [], verdict };
    return findTrustReasons(held, { ...verdict, vector }, { ...none, ...demands }, at).map(({ code }) => code);
  };

  it('is a claim that somebody made: one that says nothing, 0 or 1 or -1, is missing, whatever the floor', () => {
    for (const floor of [0, 2, 32, 96]) {
      assert.deepEqual(codesOf({ requireVector: { executables: floor } }), ['VECTOR_CLAIM_MISSING']);
      for (const value of [0, 1, -1]) {
        assert.deepEqual(codesOf({ requireVector: { executables: floor } }, { executables: value }), ['VECTOR_CLAIM_MISSING']); // prettier-ignore
      }
    }
  });

  it('is met by a claim up to its floor, of either sign, and by none beyond', () => {
    const asked = { requireVector: { executables: 3 } };
    for (const executables of [2, 3, -3]) assert.deepEqual(codesOf(asked, { executables }), []);
    for (const executables of [4, -4, 33, 99]) {
      assert.deepEqual(codesOf(asked, { executables }), ['VECTOR_CLAIM_TOO_LOW']);
    }
  });

  it('is met by no status but affirming, and by a warning where the workload takes one', () => {
    const allowed = (minimumStatus: Demands['minimumStatus']) =>
      (['affirming', 'warning', 'contraindicated', 'none'] as const).filter(
        (status) => codesOf({ minimumStatus }, {}, status).length === 0,
      );
    assert.deepEqual(allowed('affirming'), ['affirming']);
    assert.deepEqual(allowed('warning'), ['affirming', 'warning']);
  });

  it('is confidential computing only where the claim affirms it', () => {
    const asked = { confidentialComputing: true };
    assert.deepEqual(codesOf(asked, { 'runtime-opaque': 2 }), []);
    for (const vector of [{}, { 'runtime-opaque': 1 }, { 'runtime-opaque': 32 }, { 'runtime-opaque': 96 }]) {
      assert.deepEqual(codesOf(asked, vector), ['CONFIDENTIAL_COMPUTING_UNPROVEN']);
    }
  });

  it('is an age that is less than allowed', () => {
    const challengedAt = new Date(at.getTime() - 30_000).toISOString();
    const held: HeldVerdict = { hostId: 'hv-1', state: 'fresh', status: 'affirming', reasons: [], verdict };
    const codesAt = (maxAgeSeconds: number) =>
      findTrustReasons(held, { ...verdict, challengedAt }, { ...none, maxAgeSeconds }, at).map(({ code }) => code);
    assert.deepEqual([codesAt(31), codesAt(30)], [[], ['VERDICT_TOO_OLD']]);
  });

  it('is told with what was found and what was demanded', () => {
    const finding = { check: 'layers', severity: 'error', code: 'LAYER_UNKNOWN', message: '', remedy: '' } as const;
    const told = (demands: Partial<Demands>, status: TrustStatus, findings: Verdict['findings'] = []) => {
      const challengedAt = new Date(at.getTime() - 30_900).toISOString();
      const found = { ...verdict, vector: { executables: 33 }, challengedAt, findings };
      const held: HeldVerdict = { hostId: 'hv-1', state: 'fresh', status, reasons: [], verdict: found };
      return findTrustReasons(held, found, { ...none, ...demands }, at).map(({ message }) => message);
    };
    const [low = '', codes = ''] = [told({}, 'warning'), told({}, 'warning', [finding, finding])].flat();
    assert.ok(low.endsWith('warning, demanded affirming'), low);
    assert.ok(codes.endsWith('warning, demanded affirming (LAYER_UNKNOWN)'), codes);
    const more = { maxAgeSeconds: 20, requireVector: { executables: 3, hardware: 2 } };
    const [age = '', claim = '', missing = ''] = told(more, 'affirming');
    assert.ok(age.endsWith('30 s, allowed 20 s'), age);
    assert.ok(claim.endsWith('executables is 33, allowed 3'), claim);
    assert.ok(missing.endsWith('hardware'), missing);
  });

  it('is a status of its own where the workload refuses one that is held, or that break-glass gave', () => {
    const held: HeldVerdict = { hostId: 'hv-1', state: 'fresh', status: 'affirming', reasons: [], verdict };
    const until = { since: at, until: at };
    const hold = { ...until, reason: 'too many lost trust', status: 'affirming' } as const;
    const grant = {
      ...until,
      reason: 'storage is down',
      statement: 'bg',
      ticket: 'T-1',
      signers: [],
      status: 'affirming',
    } as const;
    const told = (more: Partial<HeldVerdict>, refuseHeld: boolean) =>
      findTrustReasons({ ...held, ...more }, verdict, { ...none, refuseHeld }, at).map(
        ({ code, message }) => `${code}: ${message.split(': ').at(-1)}`,
      );
    assert.deepEqual([told({}, true), told({ hold }, false), told({ grant }, false)], [[], [], []]);
    assert.deepEqual(told({ hold }, true), ['STATUS_HELD: too many lost trust']);
    assert.deepEqual(told({ grant }, true), ['STATUS_BY_BREAK_GLASS: storage is down']);
  });

  it('is a place, by labels of its own: each that is demanded, and no tenant but the one of the host', () => {
    const told = (labels: Readonly<Record<string, string>>, demands: Partial<Demands>) =>
      findPlacementReasons(labels, { ...none, ...demands }, { zoneLabel: 'dc', tenantLabel: 'for' }).map(
        ({ code }) => code,
      );
    const labels = { rack: '3', dc: 'north', for: 'blue' };
    const met = { requireLabels: { rack: '3' }, zone: 'north', tenant: 'blue' };
    assert.deepEqual([told(labels, met), told({}, {})], [[], []]);
    assert.deepEqual(told(labels, { ...met, zone: undefined }), []);
    assert.deepEqual(told(labels, { ...met, requireLabels: { rack: '4', gpu: 'a' } }), ['LABEL_MISSING', 'LABEL_MISSING']); // prettier-ignore
    for (const zone of ['south', 'constructor']) assert.deepEqual(told(labels, { ...met, zone }), ['ZONE_MISMATCH']);
    for (const tenant of ['red', undefined]) assert.deepEqual(told(labels, { ...met, tenant }), ['TENANT_MISMATCH']);
    assert.deepEqual(told({}, { requireLabels: { constructor: 'x' }, zone: 'x', tenant: 'x' }), [
      'LABEL_MISSING',
      'ZONE_MISMATCH',
      'TENANT_MISMATCH',
    ]);
  });
});
