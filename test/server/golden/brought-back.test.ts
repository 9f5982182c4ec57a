import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import type { Layer } from '../../../src/core/event-log/index.ts';
import {
  encodeGoldenStatement,
  goldenPayloadType,
  parseGoldenStatement,
  type GoldenStatement,
} from '../../../src/core/golden/index.ts';
import { broughtBackBy } from '../../../src/server/golden/brought-back.ts';
import { propose, signStatement, trustedWorld, type Statement, type TrustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

/** A golden measurement of each layer is in force; each test ends that of one. */
describe('a golden measurement that brings back what was ended', () => {
  let server: TestServer;
  let world: TrustedWorld;
  const originals = new Map<string, { readonly id: string; readonly statement: GoldenStatement }>();
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    for (const id of world.goldens) {
      const { layer, envelope } = await read(id);
      originals.set(layer, { id, statement: parseGoldenStatement(decodeBase64(envelope?.payload ?? '')) });
    }
  });
  after(() => server.close());

  const read = (goldenId: string) => server.operator.call('getGoldenMeasurement', { path: { goldenId } });
  const originalOf = (layer: Layer) => {
    const original = originals.get(layer);
    assert.ok(original);
    return original;
  };
  const twin = (layer: Layer, changes: Partial<GoldenStatement> = {}): Statement => {
    const statement = { ...originalOf(layer).statement, description: 'another id', ...changes };
    return { payloadType: goldenPayloadType, payload: encodeBase64(encodeGoldenStatement(statement)) };
  };
  const revoke = (layer: Layer) =>
    server.operator.call('revokeGoldenMeasurement', {
      path: { goldenId: originalOf(layer).id },
      body: { reason: 'it was bad', cve: 'CVE-2026-1234' },
    });

  it('is refused after the revocation, with who ended the other, when and why', async () => {
    await revoke('boot-loader');
    const { id, statement } = originalOf('boot-loader');
    const turned = [...statement.events].sort((left, right) => right.pcr - left.pcr);
    const work = propose(server, twin('boot-loader', { events: turned }), world.operators);
    const { message } = await refuses(work, 'GOLDEN_REVOKED_EVENTS', 409);
    for (const part of [id, 'was revoked at 20', 'by first operator (token tok_', 'because it was bad (CVE-2026-1234)'])
      assert.ok(message.includes(part), message);
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    assert.equal(items.length, world.goldens.length, 'nothing of it is stored');
    await refuses(propose(server, { ...twin('boot-loader', {}) }, world.operators), 'GOLDEN_REVOKED_EVENTS');
  });

  it('is refused its last signature where the revocation came between the two', async () => {
    const { id } = await propose(server, twin('kernel'), [world.operators[0]]);
    await revoke('kernel');
    const sig = signStatement(world.operators[1], twin('kernel'));
    const signing = server.operator.call('signGoldenMeasurement', { path: { goldenId: id }, body: { sig } });
    await refuses(signing, 'GOLDEN_REVOKED_EVENTS', 409);
    const { state, bringsBack = [] } = await read(id);
    const told = bringsBack.map(({ golden, isCertain }) => [golden.id, isCertain]);
    assert.deepEqual([state, told], ['proposed', [[originalOf('kernel').id, true]]]);
  });

  it('is named by the revocation where it was active before', async () => {
    const { id } = await propose(server, twin('firmware'), world.operators);
    assert.deepEqual((await revoke('firmware')).broughtBackBy, [id]);
    const { state, bringsBack } = await read(id);
    assert.deepEqual([state, bringsBack?.[0]?.golden.cve], ['active', 'CVE-2026-1234']);
    const further = propose(server, twin('firmware', { description: 'a third' }), world.operators);
    await refuses(further, 'GOLDEN_REVOKED_EVENTS');
  });

  it('becomes active where its signers say in their statement that they mean it, and the audit log has it', async () => {
    await revoke('initrd');
    const reason = 'revoked in error, see ticket 7';
    const { id } = originalOf('initrd');
    const golden = await propose(server, twin('initrd', { acceptsRevoked: [{ id, reason }] }), world.operators);
    assert.deepEqual([golden.state, golden.acceptsRevoked], ['active', [{ id, reason }]]);
    assert.equal(golden.bringsBack?.[0]?.acceptedBecause, reason);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const activated = items.findLast(({ action, subject }) => action === 'golden.activated' && subject === golden.id);
    assert.deepEqual(activated?.details['acceptsRevoked'], [`${id}: ${reason}`]);
    const another = twin('initrd', { description: 'more', acceptsRevoked: [{ id: golden.id, reason }] });
    await refuses(propose(server, another, world.operators), 'GOLDEN_REVOKED_EVENTS', 409);
  });

  it('is told, and not refused, where the other was rolled back or the two cannot be compared', async () => {
    const layer = 'kernel-command-line';
    const first = await propose(server, twin(layer), [world.operators[0]]);
    await server.operator.call('startRollout', {
      body: { name: 'again', goldens: [first.id], stages: [{ minimumHosts: 1 }] },
    });
    await propose(server, twin(layer), world.operators);
    await server.operator.call('rollBackRollout', { path: { rolloutName: 'again' }, body: { reason: 'no disks' } });
    const second = await propose(server, twin(layer, { description: 'a third' }), world.operators);
    const [back] = second.bringsBack ?? [];
    const { state, rollout, reason } = back?.golden ?? {};
    assert.deepEqual([second.state, state, rollout, reason], ['active', 'rolled-back', 'again', 'no disks']);
    await revoke(layer);
    const events = originalOf(layer).statement.events.map((event) => {
      return { ...event, digests: new Map([['sha384' as const, new Uint8Array(48).fill(event.pcr)]]) };
    });
    const unclear = await propose(server, twin(layer, { events }), world.operators);
    assert.deepEqual(unclear.bringsBack?.map(({ isCertain }) => isCertain), [false, false]); // prettier-ignore
  });

  it('is told as uncertain where nobody can read any more what was ended', () => {
    const standing = { id: 'ended', state: 'revoked' } as const;
    const damaged = { layer: 'kernel', statement: undefined, standing };
    const told = broughtBackBy(originalOf('kernel'), [damaged]);
    assert.deepEqual(told, [{ standing, isCertain: false, acceptedBecause: undefined }]);
    assert.deepEqual(broughtBackBy(originalOf('initrd'), [damaged]), []);
  });

  it('shows in a capture, and in what-if', async () => {
    await revoke('secure-boot');
    const request = { path: { hostId: 'hv-1' }, body: { layers: ['secure-boot' as const] } };
    const [captured] = (await server.operator.call('createCapture', request)).statements;
    const [back] = captured?.bringsBack ?? [];
    assert.deepEqual([back?.golden.id, back?.isCertain], [originalOf('secure-boot').id, true]);
    const statement = twin('secure-boot').payload;
    const { broughtBack } = await server.operator.call('askWhatIf', { body: { activate: [{ statement }] } });
    assert.deepEqual(broughtBack.map(({ bringsBack }) => bringsBack[0]?.golden.state), ['revoked']); // prettier-ignore
  });
});
