// Questions about hosts, and the oracle's word on each answer.
import assert from 'node:assert/strict';
import type { Member, World } from './world.ts';

/** Asks about these hosts as a scheduler does, a thousand at a time. Returns how many answers were compared. */
export async function compare(world: World, members: readonly Member[], moment: string): Promise<number> {
  const { server } = world;
  let compared = 0;
  for (let start = 0; start < members.length; start += 1000) {
    const asked = members.slice(start, start + 1000);
    const certain = asked.map((member) => watch(world, member));
    const body = { requests: [{ hosts: asked.map(({ id }) => id) }] };
    const { items } = await server.operator.call('createAdmissionBatch', { body });
    for (const [index, { id }] of asked.entries()) {
      const answer = items[0]?.[index];
      assert.equal(answer?.host, id);
      if (certain[index]?.() !== true) continue;
      assert.equal(answer.decision, expectedOf(world, id), `${id}, ${moment}`);
      compared += 1;
    }
  }
  return compared;
}

/** Every way of asking gives the oracle's answer, and none is good for longer than the oracle says. */
export async function compareEveryWay(world: World, member: Member, moment: string): Promise<void> {
  const { oracle, server } = world;
  const { id } = member;
  const isCertain = watch(world, member);
  const { decision, validUntil } = await server.operator.call('createAdmissionDecision', { body: { host: id } });
  const verdict = await server.operator.call('getVerdict', { path: { hostId: id } });
  const host = await server.operator.call('getHost', { path: { hostId: id } });
  if (!isCertain()) return;
  const expected = expectedOf(world, id);
  const answers = { single: decision, verdict: asDecision(verdict.status), host: asDecision(host.status) };
  assert.deepEqual(answers, { single: expected, verdict: expected, host: expected }, `${id}, ${moment}`);
  if (expected === 'allow') {
    assert.ok(Date.parse(validUntil) <= (oracle.goodUntil(id) ?? 0), `${id}, ${moment}: valid for too long`);
  }
}

/** Some hosts at random, in a batch, and a few of them in every way. */
export async function askAround(world: World, moment: string, count = 100): Promise<number> {
  const { fleet } = world;
  const draw = (): Member => fleet[Math.floor(Math.random() * fleet.length)] as Member;
  const drawn = [...new Set(Array.from({ length: count }, draw))];
  const compared = await compare(world, drawn, moment);
  for (const member of drawn.slice(0, 3)) await compareEveryWay(world, member, moment);
  return compared;
}

/** Whether nothing happened to the host since, so that there is one right answer. */
function watch({ oracle }: World, member: Member): () => boolean {
  const [version, underWay] = [oracle.version(member.id), member.underWay];
  return () => underWay === 0 && member.underWay === 0 && oracle.version(member.id) === version;
}

function expectedOf({ oracle }: World, id: string): 'allow' | 'deny' {
  return oracle.mayAllow(id) ? 'allow' : 'deny';
}

function asDecision(status: string | undefined): 'allow' | 'deny' {
  return status === 'affirming' ? 'allow' : 'deny';
}
