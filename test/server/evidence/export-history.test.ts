// Older verdicts, and what a bundle says of another time: what had ended, who was set aside, who was admitted all the same.
import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { appraiseBundle, openEvidenceBundle } from '../../../src/core/evidence-bundle/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { boundHost, draftBreakGlass, submitBreakGlass } from '../../support/break-glass.ts';
import { attest, propose, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { exportBundle } from '../../support/export.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

async function appraise(bytes: Uint8Array, at?: Date) {
  const bundle = await openEvidenceBundle(bytes);
  return { bundle, ...appraiseBundle(bundle, at ?? bundle.attestation.at) };
}

describe('an evidence bundle about another time', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer({ settings: { breakGlass: { longestSeconds: 43_200 } } });
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const again = async () => (await attest(world.enrolled, world.host)).verdict;
  const later = (seconds: number) => new Date(server.now().getTime() + seconds * 1000);
  const kernel = () => world.goldens[3] ?? '';
  const codes = ({ findings }: { readonly findings: readonly { readonly code: string }[] }) =>
    findings.map(({ code }) => code);

  for (const [end, call] of [
    ['retired', 'retireGoldenMeasurement'],
    ['revoked', 'revokeGoldenMeasurement'],
  ] as const) {
    it(`trusts until a golden measurement is ${end}, and not from then on, and says why`, async () => {
      server.advance(60);
      await server.operator.call(call, { path: { goldenId: kernel() }, body: { reason: 'bad kernel' } });
      const endedAt = server.now();
      server.advance(60);
      const bytes = await exportBundle(server);
      const then = await appraise(bytes);
      assert.deepEqual([then.verdict.status, then.differences, then.ended], ['affirming', [], []]);
      const before = await appraise(bytes, new Date(endedAt.getTime() - 1));
      assert.deepEqual([before.verdict.status, before.differences, before.ended], ['affirming', [], []]);
      const from = await appraise(bytes, endedAt);
      assert.equal(from.verdict.status, 'none');
      assert.ok(codes(from.verdict).includes('LAYER_GOLDEN_NONE'));
      assert.deepEqual(from.ended, [{ what: 'golden', id: kernel(), end, at: endedAt, reason: 'bad kernel' }]);
    });
  }

  it('trusts until a golden measurement ends by its own date, and not from then on, and says why', async () => {
    const { statements } = await server.operator.call('createCapture', {
      path: { hostId: 'hv-1' },
      body: { layers: ['kernel'] },
    });
    const [draft] = statements;
    assert.ok(draft);
    const notAfter = later(7200);
    const limited = encodeGoldenStatement({ ...parseGoldenStatement(decodeBase64(draft.payload)), notAfter });
    const { id } = await propose(server, { ...draft, payload: encodeBase64(limited) }, world.operators);
    await server.operator.call('retireGoldenMeasurement', {
      path: { goldenId: kernel() },
      body: { reason: 'replaced' },
    });
    server.advance(1);
    assert.equal((await again()).layers['kernel'], id);
    const bytes = await exportBundle(server);
    const before = await appraise(bytes, new Date(notAfter.getTime() - 1));
    assert.deepEqual([before.verdict.status, before.ended], ['affirming', []]);
    const from = await appraise(bytes, notAfter);
    assert.notEqual(from.verdict.status, 'affirming');
    assert.deepEqual(
      from.ended.map((one) => [one.id, one.end, one.at]),
      [[id, 'expired', notAfter]],
    );
  });

  it('trusts a TPM until its anchor was withdrawn', async () => {
    const { items } = await server.operator.call('listTrustAnchors', {});
    const anchorId = items[0]?.id ?? '';
    server.advance(60);
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'leaked' } });
    const bytes = await exportBundle(server);
    assert.equal((await appraise(bytes, later(-1))).verdict.status, 'affirming');
    const from = await appraise(bytes, server.now());
    assert.ok(codes(from.verdict).includes('ENDORSEMENT_MISSING'));
    assert.deepEqual(
      from.ended.map(({ id, end, reason }) => [id, end, reason]),
      [[anchorId, 'withdrawn', 'leaked']],
    );
  });

  it('is about an older verdict with what was in force then, chosen by its digest or by time', async () => {
    const old = await again();
    server.advance(60);
    await server.operator.call('revokeGoldenMeasurement', { path: { goldenId: kernel() }, body: { reason: 'bad' } });
    const change = { layers: ['firmware' as const], verdictSeconds: 60, hosts: { all: true as const } };
    await server.operator.call('putPolicy', { path: { policyId: 'fleet' }, body: change });
    const between = server.now().toISOString();
    server.advance(60);
    const last = await again();
    assert.notEqual(last.policy?.version, old.policy?.version);
    for (const query of [{ verdict: (old.evidenceDigest ?? '').slice(0, 12) }, { at: between }, { at: old.issuedAt }]) {
      const { verdict, differences, bundle } = await appraise(await exportBundle(server, 'hv-1', query));
      assert.deepEqual([JSON.parse(JSON.stringify(verdict)), differences], [old, []]);
      assert.equal(bundle.account?.acknowledged?.entry.details['status'], 'affirming');
      assert.ok(
        bundle.audit?.entries.some(({ action, at }) => action === 'verdict.changed' && at > bundle.attestation.at),
      );
    }
    const newest = await appraise(await exportBundle(server, 'hv-1', { at: server.now().toISOString() }));
    assert.deepEqual(JSON.parse(JSON.stringify(newest.verdict)), last);
    const { message } = await refuses(
      exportBundle(server, 'hv-1', { verdict: '00000000' }),
      'HOST_VERDICT_NOT_KEPT',
      404,
    );
    assert.ok(message.includes(`${old.evidenceDigest?.slice(0, 16)} of ${old.issuedAt}`), message);
    await refuses(exportBundle(server, 'hv-1', { at: '2020-01-01T00:00:00Z' }), 'HOST_VERDICT_NOT_KEPT', 404);
    await refuses(exportBundle(server, 'hv-1', { verdict: 'xyz' }), 'REQUEST_INVALID', 400);
  });

  it('says of a host in quarantine that it was set aside, by whom, why and until when, whatever its evidence gives', async () => {
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: '3' } } });
    const body = { hosts: { labels: { rack: '3' } }, reason: 'ticket 4711', expiresInSeconds: 600 };
    const { id } = await server.operator.call('createQuarantine', { body });
    server.advance(60);
    await again();
    const inside = await appraise(await exportBundle(server));
    assert.deepEqual([inside.verdict.status, inside.differences], ['affirming', []]);
    assert.deepEqual([inside.quarantine?.id, inside.quarantine?.reason], [id, 'ticket 4711']);
    assert.deepEqual(inside.bundle.standing.reasons.map(({ code }) => code), ['HOST_QUARANTINED']); // prettier-ignore
    assert.equal(
      (await appraise(await exportBundle(server), later(600))).quarantine,
      undefined,
      'its time is over then',
    );
    server.advance(60);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'patched' } });
    // Neither another label nor its end takes back that the host was set aside.
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: '4' } } });
    const bytes = await exportBundle(server);
    assert.equal((await appraise(bytes)).quarantine?.id, id);
    assert.equal((await appraise(bytes, later(-1))).quarantine?.id, id);
    assert.equal((await appraise(bytes, server.now())).quarantine, undefined);
    assert.deepEqual((await appraise(bytes)).bundle.standing.reasons, []);
  });

  it('says of a host that break-glass admitted who signed for it and until when, by their signatures', async () => {
    world.host.reboot({ tampering: ['changed-kernel'] });
    assert.notEqual((await again()).status, 'affirming');
    server.advance(1);
    const draft = draftBreakGlass(server, [await boundHost(server, 'hv-1')], { seconds: 3600 });
    const { statement } = await submitBreakGlass(server, draft, world.operators);
    server.advance(60);
    const bytes = await exportBundle(server);
    const then = await appraise(bytes);
    assert.deepEqual([then.differences, then.grant], [[], undefined], 'the verdict came before the statement');
    const { grant } = await appraise(bytes, server.now());
    assert.deepEqual([grant?.statement, grant?.status, grant?.signers], [statement.id, 'affirming', ['alice', 'bob']]);
    assert.equal((await appraise(bytes, later(3600))).grant, undefined);
    const bundle = await openEvidenceBundle(bytes);
    assert.equal(appraiseBundle(bundle, server.now(), { signers: [] }).grant, undefined, 'nobody of mine signed it');
    server.advance(60);
    const end = { path: { breakGlassId: statement.id }, body: { reason: 'mended' } };
    await server.operator.call('endBreakGlass', end);
    const ended = await exportBundle(server);
    assert.ok((await appraise(ended, later(-1))).grant);
    assert.equal((await appraise(ended, server.now())).grant, undefined);
  });
});
