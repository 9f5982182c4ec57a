// What operators do to have hosts admitted that their evidence does not speak for: break-glass, and the end of a hold.
import assert from 'node:assert/strict';
import type { BoundHost } from '../../../src/core/break-glass/index.ts';
import { hash, spkiDigest } from '../../../src/core/crypto/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { parseAttest, parseTpm2bPublic } from '../../../src/core/tpm/index.ts';
import { draftBreakGlass, submitBreakGlass } from '../../support/break-glass.ts';
import { refuses } from '../../support/problems.ts';
import type { Member, World } from './world.ts';

/** Signed for the boots that the machines are in now, whether the server has heard of them or not. It is refused where it helps nobody. */
export async function breakGlass(world: World, members: readonly Member[], seconds: number): Promise<void> {
  const { operators, oracle, server } = world;
  world.issues += 1;
  const bound = await Promise.all(members.map(bootOf));
  const statement = draftBreakGlass(server, bound, { seconds, ticket: `INC-${world.issues}` });
  const submitted = submitBreakGlass(server, statement, operators);
  const boots = await Promise.all(members.map(async ({ host, id }) => [id, await host.bootId()] as const));
  if (!boots.some(([host, boot]) => oracle.isExcusable(host, boot))) {
    await refuses(submitted, 'BREAK_GLASS_COVERS_NOBODY', 409);
    return;
  }
  const { id } = (await submitted).statement;
  oracle.excused(id, new Map(boots), seconds);
}

/** Every statement that is in force. */
export async function endBreakGlass({ oracle, server }: World): Promise<void> {
  for (const breakGlassId of oracle.excuses()) {
    await server.operator.call('endBreakGlass', { path: { breakGlassId }, body: { reason: 'over' } });
    oracle.excuseEnded(breakGlassId);
  }
}

/** There is something to end from the moment when the oracle says that a hold began, and not before. */
export async function endHold({ oracle, server }: World): Promise<void> {
  const ended = server.operator.call('endLockout', { body: { reason: 'mended' } });
  if (!oracle.isHoldOpen()) {
    await refuses(ended, 'LOCKOUT_NONE', 409);
    return;
  }
  await ended;
  oracle.lockoutEnded();
}

async function bootOf({ host, id }: Member): Promise<BoundHost> {
  const { attest } = await host.getTime(new Uint8Array(32));
  const { resetCount, restartCount } = parseAttest(attest).clock;
  const log = await host.eventLog();
  assert.ok(log);
  const ek = encodeHex(spkiDigest(parseTpm2bPublic(await host.ekPublic()).publicKey));
  return { id, ek, resetCount, restartCount, eventLog: encodeHex(hash('sha256', log)) };
}
