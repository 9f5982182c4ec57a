// What operators say of kernels: golden, retired, revoked, denied. Each act is done to the server first and then told to the oracle.
import assert from 'node:assert/strict';
import { denyPayloadType, encodeDenyList } from '../../../src/core/deny/index.ts';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { parseEventLog } from '../../../src/core/event-log/index.ts';
import { bootLayers, propose, signStatement, type Statement } from '../../support/paper-story.ts';
import type { GoldenKernel, Member, World } from './world.ts';

/** What the host attested last becomes golden: of its kernel a document that was never signed before. */
export async function approve(world: World, member: Member): Promise<void> {
  const { operators, server } = world;
  const path = { hostId: member.id };
  const { statements } = await server.operator.call('createCapture', { path, body: { layers: bootLayers } });
  for (const statement of statements) {
    const signed = statement.layer === 'kernel' ? rewritten(world, statement) : statement;
    const { id } = await propose(server, signed, operators);
    if (statement.layer === 'kernel') becomeGolden(world, member.kernel, { statement: signed, goldenId: id });
  }
}

function becomeGolden({ kernels, oracle }: World, kernel: string, golden: GoldenKernel): void {
  kernels.set(kernel, golden);
  oracle.approved(kernel, golden.goldenId);
}

interface Acceptance {
  readonly id: string;
  readonly reason: string;
}

/** The same layer in another document. What was revoked comes back only where the document says that it is meant. */
function rewritten(world: World, { payload, payloadType }: Statement, accepts: readonly Acceptance[] = []): Statement {
  world.issues += 1;
  const statement = JSON.parse(Buffer.from(decodeBase64(payload)).toString()) as {
    predicate: { readonly acceptsRevoked?: readonly Acceptance[] };
  };
  const acceptsRevoked = [...(statement.predicate.acceptsRevoked ?? []), ...accepts];
  const predicate = {
    ...statement.predicate,
    description: `issue ${world.issues}`,
    ...(acceptsRevoked.length > 0 && { acceptsRevoked }),
  };
  return { payloadType, payload: encodeBase64(Buffer.from(JSON.stringify({ ...statement, predicate }))) };
}

/** What was retired or revoked, after that turned out to be a mistake. */
export async function approveAgain(world: World, kernel: string): Promise<void> {
  const known = world.kernels.get(kernel);
  assert.ok(known);
  const statement = rewritten(world, known.statement, [{ id: known.goldenId, reason: 'no hole after all' }]);
  const { id } = await propose(world.server, statement, world.operators);
  becomeGolden(world, kernel, { statement, goldenId: id });
}

export async function revoke({ kernels, oracle, server }: World, kernel: string): Promise<void> {
  const goldenId = kernels.get(kernel)?.goldenId ?? '';
  await server.operator.call('revokeGoldenMeasurement', { path: { goldenId }, body: { reason: 'a hole' } });
  oracle.revoked(kernel, goldenId);
}

export async function retireGolden({ kernels, oracle, server }: World, kernel: string): Promise<void> {
  const path = { goldenId: kernels.get(kernel)?.goldenId ?? '' };
  await server.operator.call('retireGoldenMeasurement', { path, body: { reason: 'cleaning up' } });
  oracle.retiredGolden(kernel);
}

/** No host may run this kernel, whatever is golden. `member` runs it. */
export async function deny(world: World, member: Member): Promise<void> {
  const log = parseEventLog((await member.host.eventLog()) ?? new Uint8Array());
  const images = log.events.filter(({ pcr, untrustedType }) => pcr === 4 && untrustedType === 0x80000003);
  const digest = images.at(-1)?.digests.get('sha256');
  assert.ok(digest);
  world.issues += 1;
  const entry = {
    id: 'kernel',
    reason: 'a hole',
    cves: [],
    denies: { kind: 'measurement', digests: new Map([['sha256', digest]]) },
  };
  const list = encodeDenyList({
    name: 'fleet',
    version: world.issues,
    issuedAt: world.server.now(),
    entries: [entry as never],
  });
  const document = { payloadType: denyPayloadType, payload: encodeBase64(list) };
  const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
  await world.server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
  world.oracle.denied(member.kernel);
}

export async function removeDenyList({ oracle, server }: World, kernel: string): Promise<void> {
  await server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'over' } });
  oracle.undenied(kernel);
}
