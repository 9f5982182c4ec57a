// Protected hosts: a change that would lose one of them is refused, unless operators say that they mean it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denyPayloadType, encodeDenyList } from '../../../src/core/deny/index.ts';
import { hash, spkiDigest } from '../../../src/core/crypto/index.ts';
import { decodeBase64, encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { doctor } from '../../../src/server/index.ts';
import type { HostChange } from '../../../src/server/what-if/fleet-change.ts';
import { lossOf } from '../../../src/server/what-if/protection.ts';
import { attest, authority, bootLayers, propose, signStatement } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';
import { attestAll, bootFleet, statements, trusted, whatIf, type Fleet } from './fleet.ts';

const lockout = { protected: [{ names: ['old-1'] }, { labels: { tier: 'control' } }] };
const reason = { reason: 'test' };
const anchorId = encodeHex(hash('sha256', authority.rootCertificate));
const included = { includeProtected: true };

describe('what a protected host loses', () => {
  const change = (before: HostChange['before'], after: HostChange['after'], kind: HostChange['kind']): HostChange => ({
    host: 'hv-1',
    before,
    after,
    kind,
    reason: { code: 'KERNEL_DIVERGED', severity: 'error', check: 'layers', message: 'it differs', remedy: 'mend it' },
    saidOf: 'hv-1',
    ended: [],
    isHoldable: false,
  });

  it('is trust, with a warning or without: each fall from either, and no other change', () => {
    for (const [before, after, kind] of [
      ['affirming', 'none', 'lost'],
      ['affirming', 'contraindicated', 'lost'],
      ['affirming', 'warning', 'lost'],
      ['warning', 'none', 'still-refused'],
    ] as const)
      assert.equal(lossOf(change(before, after, kind))?.code, 'KERNEL_DIVERGED', `${before} to ${after}`);
    for (const [before, after, kind] of [
      ['affirming', 'affirming', 'still-trusted'],
      ['warning', 'affirming', 'gained'],
      ['warning', 'warning', 'still-refused'],
      ['none', 'contraindicated', 'still-refused'],
    ] as const)
      assert.equal(lossOf(change(before, after, kind)), undefined, `${before} to ${after}`);
  });

  it('is whatever nobody can tell, and nothing where the host is refused already', () => {
    assert.equal(lossOf({ host: 'hv-1', code: 'SERVER_INTERNAL' })?.code, 'SERVER_INTERNAL');
    for (const code of ['HOST_EVIDENCE_NONE', 'HOST_UNREADABLE', 'BOOT_ROLLED_BACK'] as const)
      assert.equal(lossOf({ host: 'hv-1', code }), undefined, code);
  });
});

describe('protected hosts', () => {
  let server: TestServer;
  let fleet: Fleet;
  let kernel: string;
  beforeEach(async () => {
    server = await startTestServer({ fromFile: true });
    await configure(lockout);
    fleet = await bootFleet(server, { old: 3, new: 1 });
    kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
  });
  afterEach(() => server.close());

  const configure = async (settings: object) => {
    const document = JSON.stringify({ serverId: 'test.example', lockout: settings });
    writeFileSync(join(server.dataDirectory, 'touchstone.yaml'), document);
    await server.restart();
  };

  const label = (hostId: string, labels: Record<string, string>) =>
    server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });
  const retire = (goldenId = kernel, query = {}) =>
    server.operator.call('retireGoldenMeasurement', { path: { goldenId }, query, body: reason });
  const revoke = (goldenId = kernel, query = {}) =>
    server.operator.call('revokeGoldenMeasurement', { path: { goldenId }, query, body: reason });
  const write = (more: object, query = {}) => {
    const body = { layers: bootLayers, verdictSeconds: 600, hosts: { all: true as const }, ...more };
    return server.operator.call('putPolicy', { path: { policyId: 'fleet' }, query, body });
  };
  const forbidQuiet = { requireFacts: { kernelCommandLine: { forbid: ['quiet'] } } };
  const deny = (query = {}) => {
    const entry = { id: 'e', reason: 'bad', cves: [], denies: { kind: 'golden', id: kernel } } as const;
    const payload = encodeBase64(encodeDenyList({ name: 'fleet', version: 1, issuedAt: testStart, entries: [entry] }));
    const list = { payloadType: denyPayloadType, payload };
    const signatures = fleet.operators.map((operator) => ({ sig: signStatement(operator, list) }));
    return server.operator.call('importDenyList', { query, body: { envelope: { ...list, signatures } } });
  };
  const setAside = (query = {}) =>
    server.operator.call('createQuarantine', { query, body: { hosts: { all: true }, ...reason } });
  const lost = async (change: Promise<unknown>) => {
    const { problem } = await refuses(change, 'CHANGE_LOSES_PROTECTED', 409);
    return (problem.protectedHosts ?? []).map(({ host, code }) => `${host} ${code}`);
  };
  const auditOf = async (action: string) => {
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    return items.filter((entry) => entry.action === action).at(-1)?.details;
  };

  it('are refused to every change of operators, by name, with the reason and what to do, and nothing changes', async () => {
    await label('old-2', { tier: 'control' });
    await label('new-1', { tier: 'control' });
    const before = (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
    assert.deepEqual(await lost(retire()), ['old-1 LAYER_GOLDEN_NONE', 'old-2 LAYER_GOLDEN_NONE']);
    assert.deepEqual(await lost(revoke()), ['old-1 LAYER_GOLDEN_NONE', 'old-2 LAYER_GOLDEN_NONE']);
    const forbidden = 'FACT_COMMAND_LINE_WORD_FORBIDDEN';
    assert.deepEqual(await lost(write(forbidQuiet)), [`old-1 ${forbidden}`, `old-2 ${forbidden}`]);
    assert.deepEqual(await lost(deny()), ['old-1 DENIED_BY_LIST', 'old-2 DENIED_BY_LIST']);
    // A host that is refused for a moment would not come back from quarantine.
    assert.deepEqual(
      await lost(setAside()),
      ['new-1', 'old-1', 'old-2'].map((host) => `${host} HOST_QUARANTINED`),
    );
    assert.equal((await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length, before);
    const { problem } = await refuses(retire(), 'CHANGE_LOSES_PROTECTED');
    assert.equal(problem.detail, '2 protected hosts would lose trust by it: old-1, old-2; nothing was changed');
    const named = kernel.slice(0, 23);
    assert.deepEqual(problem.protectedHosts?.[0], {
      host: 'old-1',
      code: 'LAYER_GOLDEN_NONE',
      message: `the change ends ${named}, and no other golden measurement accepts the kernel that it booted`,
      remedy: `Have the kernel that it shall boot approved and let it boot that; then end ${named}.`,
    });
  });

  it('go along where operators say so, and the audit entry names them', async () => {
    await write(forbidQuiet, included);
    assert.deepEqual((await auditOf('policy.written'))?.['protectedHosts'], ['old-1']);
    await write({});
    assert.equal((await auditOf('policy.written'))?.['includeProtected'], undefined);
    await setAside(included);
    assert.deepEqual((await auditOf('quarantine.opened'))?.['protectedHosts'], ['old-1']);
    await deny(included);
    assert.deepEqual((await auditOf('deny-list.imported'))?.['protectedHosts'], ['old-1']);
    // Denied already: it is not this change that loses it.
    await revoke();
    assert.equal((await auditOf('golden.revoked'))?.['includeProtected'], undefined);
    assert.deepEqual(trusted(await attestAll(fleet)), []);
  });

  it('do not keep a revocation waiting that includes them, also when nobody can tell whom it loses', async () => {
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        listFleet: () => Promise.reject(new Error('the disk is slow')),
      }),
    });
    await assert.rejects(revoke());
    await revoke(kernel, included);
    const details = await auditOf('golden.revoked');
    assert.deepEqual([details?.['includeProtected'], details?.['protectedHosts']], [true, undefined]);
  });

  it('are not lost by a change that was weighed before labels made them protected', async () => {
    await configure({ protected: [{ labels: { tier: 'control' } }] });
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        endGolden: async (id, end) => {
          await store.setHostLabels('old-2', { tier: 'control' }, auditDraft('host.labelled'));
          return store.endGolden(id, end);
        },
        openQuarantine: async (quarantine, change) => {
          await store.setHostLabels('old-3', { tier: 'control' }, auditDraft('host.labelled'));
          return store.openQuarantine(quarantine, change);
        },
      }),
    });
    await refuses(retire(), 'REQUEST_CONFLICT', 409);
    assert.deepEqual(await lost(retire()), ['old-2 LAYER_GOLDEN_NONE']);
    const body = { hosts: { names: ['old-3'] }, ...reason };
    await refuses(server.operator.call('createQuarantine', { body }), 'REQUEST_CONFLICT', 409);
    assert.deepEqual(await lost(server.operator.call('createQuarantine', { body })), ['old-3 HOST_QUARANTINED']);
  });

  it('are no obstacle where the change does not lose them: refused already, retired, moved on, or never there', async () => {
    const [first] = fleet.members;
    assert.ok(first !== undefined);
    first.host.tamper('no-log');
    await attest(first.enrolled, first.host);
    await retire();
    const others = { hosts: { names: ['old-3', 'new-1'] }, ...reason };
    await server.operator.call('createQuarantine', { body: others });
    await configure({ protected: [{ names: ['ghost'] }, { labels: { tier: 'none' } }] });
    await setAside();
    await configure({ protected: [{ names: ['old-2'] }] });
    await server.operator.call('retireHost', { path: { hostId: 'old-2' }, body: reason });
    await write(forbidQuiet);
  });

  it('are not lost by the withdrawal of a trust anchor, unless something else vouches for them or operators say so', async () => {
    const withdraw = (query = {}) =>
      server.operator.call('withdrawTrustAnchor', { path: { anchorId }, query, body: reason });
    assert.deepEqual(await lost(withdraw()), ['old-1 ENDORSEMENT_MISSING']);
    assert.ok(trusted(await attestAll(fleet)).includes('old-1'), 'nothing was changed');
    await refuses(server.operator.call('withdrawTrustAnchor', { path: { anchorId: '0'.repeat(64) }, body: reason }), 'TRUST_ANCHOR_NOT_FOUND', 404); // prettier-ignore

    // An operator vouches for its TPM: it loses its verdict with the others, and has another by its next attestation.
    const [member] = fleet.members;
    assert.ok(member !== undefined);
    const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await member.host.ekPublic()).public.publicKey));
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3' } });
    await withdraw();
    assert.equal((await auditOf('trust-anchor.withdrawn'))?.['includeProtected'], undefined);
    assert.deepEqual(trusted(await attestAll(fleet)), ['old-1']);
  });

  it('go along with a trust anchor where operators say so, and never by a withdrawal that was weighed before', async () => {
    const withdraw = (query = {}) =>
      server.operator.call('withdrawTrustAnchor', { path: { anchorId }, query, body: reason });
    await configure({ protected: [{ labels: { tier: 'control' } }] });
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        withdrawAnchor: async (id, withdrawal) => {
          await store.setHostLabels('old-2', { tier: 'control' }, auditDraft('host.labelled'));
          return store.withdrawAnchor(id, withdrawal);
        },
      }),
    });
    await refuses(withdraw(), 'REQUEST_CONFLICT', 409);
    assert.deepEqual(await lost(withdraw()), ['old-2 ENDORSEMENT_MISSING']);
    await withdraw(included);
    assert.deepEqual((await auditOf('trust-anchor.withdrawn'))?.['protectedHosts'], ['old-2']);
    const { reasons } = await server.operator.call('getVerdict', { path: { hostId: 'old-2' } });
    assert.equal(reasons[0]?.code, 'VERDICT_VOIDED');
  });

  it('are not lost by two changes at once of which each alone loses nobody', async () => {
    const [draft] = await statements(server, 'old-1', ['kernel']);
    assert.ok(draft !== undefined);
    const notAfter = new Date(testStart.getTime() + 30 * 86_400_000);
    const twin = encodeGoldenStatement({ ...parseGoldenStatement(decodeBase64(draft.payload)), notAfter });
    const { id } = await propose(server, { ...draft, payload: encodeBase64(twin) }, fleet.operators);
    const outcomes = await Promise.allSettled([retire(), retire(id)]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.ok(trusted(await attestAll(fleet)).includes('old-1'));
  });

  it('stand in the answers of what-if, beside what would be held', async () => {
    await label('old-2', { tier: 'control' });
    await configure({ ...lockout, sharePercent: 40, leastHosts: 2, holdSeconds: 900 });
    const until = new Date(server.now().getTime() + 900_000).toISOString();
    const retired = await whatIf(server, { retire: [kernel] });
    assert.deepEqual(retired.protectedLosses.map(({ host }) => host), ['old-1', 'old-2']); // prettier-ignore
    assert.deepEqual(retired.lockout, { outcome: 'begins', holdable: 3, held: 3, until });
    // To revoke is for danger: nothing of it is held.
    assert.deepEqual((await whatIf(server, { revoke: [kernel] })).lockout, { outcome: 'few', holdable: 0, held: 0 });
    const policies = [
      { id: 'fleet', policy: { layers: [...bootLayers, 'runtime' as const], hosts: { all: true as const } } },
    ];
    const demanded = await whatIf(server, { policies });
    assert.deepEqual(demanded.protectedLosses.map(({ code }) => code), ['QUOTE_PCR_MISSING', 'QUOTE_PCR_MISSING']); // prettier-ignore
    const part = await whatIf(server, { retire: [kernel], labels: { tier: 'control' } });
    assert.deepEqual([part.lockout, part.protectedLosses.map(({ host }) => host)], [undefined, ['old-2']]);
  });

  it('are shown as such, and the doctor names who is not there', async () => {
    const { items } = await server.operator.call('listHosts', {});
    assert.deepEqual(items.filter((host) => host.protected === true).map(({ id }) => id), ['old-1']); // prettier-ignore
    const preview = await server.operator.call('previewQuarantine', { body: { hosts: { names: ['old-1', 'old-2'] } } });
    assert.deepEqual(preview.items.map((item) => item.protected), [true, undefined]); // prettier-ignore
    const denied = await server.operator.call('findDeniedHosts', {
      body: { list: encodeBase64(listOfKernel(kernel)) },
    });
    assert.deepEqual(denied.items.filter((item) => item.protected === true).map(({ host }) => host), ['old-1']); // prettier-ignore
    assert.equal(denied.denied, 4);
    const message = async () =>
      (await doctor(server.dataDirectory, testStart)).find(({ name }) => name === 'protected')?.message;
    assert.equal(await message(), 'these protect nobody: tier=control (no host)');
    await label('old-2', { tier: 'control' });
    assert.equal(await message(), 'hosts that no change loses by accident: 1 by name, 1 group by label');
    await server.operator.call('retireHost', { path: { hostId: 'old-1' }, body: reason });
    assert.equal(await message(), 'these protect nobody: old-1 (retired)');
  });
});

function listOfKernel(kernel: string): Uint8Array {
  const entry = { id: 'e', reason: 'bad', cves: [], denies: { kind: 'golden', id: kernel } } as const;
  return encodeDenyList({ name: 'asked', version: 1, issuedAt: testStart, entries: [entry] });
}
