// What break-glass never excuses, and which statements are refused.
import assert from 'node:assert/strict';
import { denyPayloadType, encodeDenyList } from '../../../src/core/deny/index.ts';
import { encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { ordinaryBoot } from '../../../src/simulator/index.ts';
import { boundHost, draftBreakGlass, submitBreakGlass } from '../../support/break-glass.ts';
import { approveBoot, authority, signStatement } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { useRefusedHost } from './refused-host.ts';

describe('the limits of break-glass', () => {
  const world = useRefusedHost();
  const { again, admit, decision, submit, begin } = world;

  it('never admits a host in quarantine, released, or silent', async () => {
    await begin({ seconds: 43_200 });
    const hosts = { names: [world.id] };
    const { id: quarantineId } = await world.server.operator.call('createQuarantine', { body: { hosts, reason: 'x' } });
    assert.equal(await decision(), 'deny');
    await world.server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
    assert.equal(await decision(), 'allow');
    world.server.advance(600);
    assert.deepEqual(
      (await admit()).reasons.map(({ code }) => code),
      ['VERDICT_EXPIRED'],
    );
    await again();
    assert.equal(await decision(), 'allow');
    await world.server.operator.call('releaseHost', { path: { hostId: world.id }, body: { reason: 'x' } });
    assert.equal(await decision(), 'deny');
  });

  it('never admits what was revoked, whether it was revoked before the statement or after', async () => {
    world.host.reboot({ boot: { ...ordinaryBoot, kernel: 'linux of this test' }, tampering: [] });
    await again();
    const goldens = await approveBoot(world.server, world.id, world.operators);
    const act = async (operation: 'retireGoldenMeasurement' | 'revokeGoldenMeasurement') => {
      const { items } = await world.server.operator.call('listGoldenMeasurements', {});
      const kernels = items.filter((golden) => golden.layer === 'kernel' && goldens.includes(golden.id));
      for (const { id: goldenId } of kernels) {
        await world.server.operator.call(operation, { path: { goldenId }, body: { reason: 'CVE' } });
      }
    };
    await again();
    assert.equal(await decision(), 'allow', 'its golden measurement is active');
    await refuses(begin(), 'BREAK_GLASS_COVERS_NOBODY', 409);
    await act('retireGoldenMeasurement');
    await again();
    assert.equal(await decision(), 'deny');
    const { id: breakGlassId } = await begin();
    assert.equal(await decision(), 'allow', 'to retire is housekeeping');
    await act('revokeGoldenMeasurement');
    await again();
    assert.equal(await decision(), 'deny');
    assert.deepEqual((await world.server.operator.call('getBreakGlass', { path: { breakGlassId } })).covers, [
      { host: world.id, covered: false, obstacle: 'revoked' },
    ]);
    const problem = await refuses(begin({ ticket: 'INC-2' }), 'BREAK_GLASS_COVERS_NOBODY', 409);
    assert.match(problem.message, new RegExp(`${world.id}: revoked`));
  });

  it('never admits what a deny list denies, and the list wins at once', async () => {
    await begin();
    const denies = { kind: 'endorsement', sha256: encodeHex(hash('sha256', authority.rootCertificate)) } as const;
    const entries = [{ id: 'root', reason: 'stolen', cves: [], denies }];
    const payload = encodeBase64(encodeDenyList({ name: 'fleet', version: 1, issuedAt: world.server.now(), entries }));
    const document = { payloadType: denyPayloadType, payload };
    const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
    await world.server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    await world.server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'x' } });
  });

  for (const tampering of [
    'broken-signature',
    'rolled-back',
    'replayed-quote',
    'secure-boot-disabled',
    'additional-event',
  ] as const) {
    it(`never admits a host that shows ${tampering}`, async () => {
      await begin({ excuses: ['KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE', 'BOOT_LOADER_DIVERGED'] });
      assert.equal(await decision(), 'allow');
      if (!['secure-boot-disabled', 'additional-event'].includes(tampering)) world.host.tamper(tampering);
      else world.host.reboot({ tampering: [tampering] });
      await again().catch(() => undefined);
      const after = await decision();
      assert.equal(after, 'deny');
    });
  }

  it('never admits another machine that comes under the name', async () => {
    await begin();
    await world.server.operator.call('releaseHost', { path: { hostId: world.id }, body: { reason: 'x' } });
    await world.comeBackAsAnother();
    assert.equal(await decision(), 'deny');
  });

  it('refuses a statement that too few signed, that lasts too long, that is not due, or that helps nobody', async () => {
    const [alice] = world.operators;
    await refuses(submit({}, [alice]), 'BREAK_GLASS_QUORUM_NOT_REACHED', 422);
    await refuses(submit({ seconds: 43_201 }), 'BREAK_GLASS_TOO_LONG', 422);
    await refuses(submit({ issuedAt: new Date(world.server.now().getTime() + 1000) }), 'BREAK_GLASS_OUT_OF_TIME', 422);
    const bound = await boundHost(world.server, world.id);
    const stale = draftBreakGlass(world.server, [bound], { seconds: 60 });
    world.server.advance(60);
    await refuses(submitBreakGlass(world.server, stale, world.operators), 'BREAK_GLASS_OUT_OF_TIME', 422);
    const unknown = draftBreakGlass(world.server, [{ ...bound, id: 'hv-unknown' }]);
    const nobody = await refuses(
      submitBreakGlass(world.server, unknown, world.operators),
      'BREAK_GLASS_COVERS_NOBODY',
      409,
    );
    assert.match(nobody.message, /hv-unknown: HOST_UNKNOWN/);
    await refuses(submit({ excuses: ['INITRD_DIVERGED'] }), 'BREAK_GLASS_COVERS_NOBODY');
    assert.equal(await decision(), 'deny');
  });
});
