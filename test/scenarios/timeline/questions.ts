// Questions about hosts, and the oracle's word on each answer.
import assert from 'node:assert/strict';
import type { Yes } from './oracle.ts';
import type { Member, World } from './world.ts';

/** Asks about these hosts as a scheduler does, a thousand at a time, and as one that demands evidence. Returns how many answers were compared. */
export async function compare(world: World, members: readonly Member[], moment: string): Promise<number> {
  const { server, oracle } = world;
  let compared = 0;
  for (let start = 0; start < members.length; start += 1000) {
    const asked = members.slice(start, start + 1000);
    const certain = asked.map((member) => watch(world, member));
    const hosts = asked.map(({ id }) => id);
    const body = { requests: [{ hosts }, { hosts, refuseHeld: true }] };
    const { items } = await server.operator.call('createAdmissionBatch', { body });
    for (const [index, id] of hosts.entries()) {
      const [answer, strict] = [items[0]?.[index], items[1]?.[index]];
      assert.deepEqual([answer?.host, strict?.host], [id, id]);
      if (certain[index]?.() !== true) continue;
      const yes = oracle.yesFor(id);
      assert.deepEqual(answersOf(answer), expectedOf(yes), `${id}, ${moment}`);
      assert.equal(strict?.decision, decisionOf(yes?.ground === 'evidence'), `${id} by evidence alone, ${moment}`);
      compared += 2;
    }
  }
  return compared;
}

/** Every way of asking gives the oracle's answer, and none is good for longer than the oracle says. */
export async function compareEveryWay(world: World, member: Member, moment: string): Promise<void> {
  const { oracle, server } = world;
  const { id } = member;
  const isCertain = watch(world, member);
  const single = await server.operator.call('createAdmissionDecision', { body: { host: id } });
  const { verdict, ...view } = await server.operator.call('getVerdict', { path: { hostId: id } });
  const host = await server.operator.call('getHost', { path: { hostId: id } });
  if (!isCertain()) return;
  const yes = oracle.yesFor(id);
  const { decision } = expectedOf(yes);
  assert.deepEqual(
    { single: answersOf(single), verdict: asDecision(view.status), host: asDecision(host.status) },
    { single: expectedOf(yes), verdict: decision, host: decision },
    `${id}, ${moment}`,
  );
  if (yes === undefined) return;
  assert.ok(Date.parse(single.validUntil) <= yes.until, `${id}, ${moment}: valid for too long`);
  assert.equal(
    asDecision(verdict?.status),
    decisionOf(yes.ground === 'evidence'),
    `${id}, ${moment}: what the evidence says`,
  );
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

type Decision = 'allow' | 'deny';

function answersOf(answer: { readonly decision: Decision; readonly ground?: string } | undefined) {
  return { decision: answer?.decision, ground: answer?.ground };
}

function expectedOf(yes: Yes | undefined) {
  return { decision: decisionOf(yes !== undefined), ground: yes?.ground === 'evidence' ? undefined : yes?.ground };
}

function decisionOf(isYes: boolean): Decision {
  return isYes ? 'allow' : 'deny';
}

function asDecision(status: string | undefined): Decision {
  return decisionOf(status === 'affirming');
}
