// The life of a fleet: boot, steady state, power cut, mass update, compromise, silence. Between any two events admission is
// asked about hosts at random, and at the end of each chapter about all of them; the oracle must agree each time.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inLanes } from '../../../src/cli/simulate/lanes.ts';
import { breakGlass, endBreakGlass, endHold } from './grounds.ts';
import { approve, approveAgain, deny, removeDenyList, retireGolden, revoke } from './kernels.ts';
import { askAround, compare } from './questions.ts';
import {
  announce,
  attest,
  attestWhenAllowed,
  closeWorld,
  createWorld,
  enrolAgain,
  firstKernel,
  lanes,
  lift,
  quarantine,
  reboot,
  release,
  restart,
  retire,
  verdictSeconds,
  type Member,
  type World,
} from './world.ts';

/** What is told while the story goes on. */
export interface Listener {
  chapter(chapter: Chapter): void;
  /** So many of the hosts have done their part of a chapter. */
  progress(name: string, done: number, of: number): void;
}

export interface Chapter {
  readonly name: string;
  /** By the server's clock. */
  readonly at: Date;
  /** How many hosts may be trusted at its end. */
  readonly trusted: number;
  /** Answers that were compared with the oracle during it. */
  readonly compared: number;
  readonly seconds: number;
}

export interface TimelineSummary {
  /** Answers that were compared with the oracle. */
  readonly compared: number;
  /** How often the power cut's herd was sent away. */
  readonly sentAway: number;
}

const nextKernel = 'linux 6.1.0-57';
const groups = 12;

/** Throws at the first moment when an answer is not what must be true. */
export async function tellTimeline(size: number, listener: Listener): Promise<TimelineSummary> {
  const world = await createWorld(size, (count) => listener.progress('enrolling', count, size));
  const { fleet, oracle, server } = world;
  let compared = 0;
  let sentAway = 0;
  let told = { compared, at: performance.now() };
  const chapter = async (name: string, expected: { readonly allowed: number }): Promise<void> => {
    compared += await compare(world, fleet, `at the end of: ${name}`);
    const trusted = fleet.filter(({ id }) => oracle.yesFor(id) !== undefined).length;
    // The oracle itself is held to the story: an oracle that says no to everything would agree with a server that is down.
    assert.equal(trusted, expected.allowed, `${name}: ${trusted} of ${size} may be trusted`);
    const seconds = (performance.now() - told.at) / 1000;
    listener.chapter({ name, at: server.now(), trusted, compared: compared - told.compared, seconds });
    told = { compared, at: performance.now() };
  };
  /** The members come group by group, the clock goes on between them, and questions are asked. */
  const inTurn = async (members: readonly Member[], name: string, act: (member: Member) => Promise<void>) => {
    let done = 0;
    for (const group of split(members, groups)) {
      await inLanes(group, lanes, async (member) => {
        await act(member);
        listener.progress(name, (done += 1), members.length);
      });
      server.advance(10);
      compared += await askAround(world, name);
    }
  };
  const come = async (member: Member): Promise<void> => {
    await attestWhenAllowed(world, member);
  };
  try {
    await chapter('enrolled', { allowed: 0 });
    const [canary] = fleet;
    assert.ok(canary);
    await attest(world, canary);
    await chapter('nothing is golden', { allowed: 0 });
    await approve(world, canary);
    await inTurn(fleet, 'boot', come);
    await chapter('boot', { allowed: size });

    const silent = fleet.filter((_, index) => index % 50 === 3);
    const talking = fleet.filter((member) => !silent.includes(member));
    for (let half = 0; half < 2; half += 1) {
      server.advance(verdictSeconds / 2);
      await inTurn(talking, 'steady state', come);
    }
    server.advance(60);
    await chapter('steady state, some are silent', { allowed: talking.length });

    for (const member of fleet) reboot(member);
    await inTurn(fleet.slice(0, Math.ceil(size / 2)), 'announced', async (member) => {
      await announce(world, member);
    });
    sentAway = await stormUnderQuestions(world, {
      onCompared: (count) => (compared += count),
      onHeard: (count) => listener.progress('power cut', count, size),
    });
    await chapter('power cut', { allowed: size });

    await breakTheGlass(world, { chapter, inTurn, come });
    await approve(world, canary);
    const updated = fleet.slice(0, Math.ceil(size * 0.9));
    for (const member of updated) reboot(member, { kernel: nextKernel });
    await inTurn(updated, 'mass update', come);
    await revoke(world, firstKernel);
    await chapter('mass update, and the kernel before it revoked', { allowed: updated.length });
    await restart(world);
    await chapter('restarted', { allowed: updated.length });

    await endureCompromise(world, updated, { chapter, inTurn, come });

    server.advance(verdictSeconds);
    await chapter('silence', { allowed: 0 });
    return { compared, sentAway };
  } finally {
    await closeWorld(world);
  }
}

interface Telling {
  readonly chapter: (name: string, expected: { readonly allowed: number }) => Promise<void>;
  readonly inTurn: (members: readonly Member[], name: string, act: (member: Member) => Promise<void>) => Promise<void>;
  readonly come: (member: Member) => Promise<void>;
}

/** A twentieth of the fleet needs a kernel at once that nobody signed. */
async function breakTheGlass(world: World, { chapter, inTurn, come }: Telling): Promise<void> {
  const { fleet, server } = world;
  const urgent = fleet.slice(0, Math.max(3, Math.ceil(fleet.length / 20)));
  const [others, [, again]] = [fleet.length - urgent.length, urgent];
  assert.ok(again);
  for (const member of urgent) reboot(member, { kernel: nextKernel });
  await inTurn(urgent, 'mass update', come);
  await chapter('mass update: a kernel nobody signed', { allowed: others });
  for (const part of split(urgent, Math.ceil(urgent.length / 1000))) await breakGlass(world, part, 200);
  await inTurn(urgent, 'break-glass', come);
  await chapter('break-glass', { allowed: fleet.length });
  reboot(again);
  await announce(world, again);
  await chapter('break-glass, and one boots again', { allowed: fleet.length - 1 });
  await attest(world, again);
  await chapter('break-glass is not for its new boot', { allowed: fleet.length - 1 });
  await breakGlass(world, [again], 200);
  await chapter('break-glass for this one, too', { allowed: fleet.length });
  server.advance(200 - groups * 10);
  await chapter('break-glass is over by itself', { allowed: others + 1 });
  await endBreakGlass(world);
  await chapter('break-glass ended', { allowed: others });
}

async function endureCompromise(
  world: World,
  updated: readonly Member[],
  { chapter, inTurn, come }: Telling,
): Promise<void> {
  const taken = updated.filter((_, index) => index % 20 === 7);
  const sound = updated.filter((member) => !taken.includes(member));
  for (const member of taken) reboot(member, { isHonest: false });
  await inTurn(taken, 'compromise', come);
  await chapter('compromise', { allowed: sound.length });

  const aside = sound.slice(0, Math.ceil(sound.length / 10));
  await quarantine(world, aside.slice(0, 1));
  await quarantine(world, aside, 300);
  await inTurn(aside, 'quarantined and attesting', come);
  await chapter('quarantined', { allowed: sound.length - aside.length });
  world.server.advance(300 - groups * 10);
  await inTurn(sound, 'after the quarantine', come);
  await chapter('a quarantine is over by itself, one is not', { allowed: sound.length - 1 });
  await lift(world, aside[0] as Member);
  await chapter('lifted', { allowed: sound.length });

  const [gone, moved] = [sound[1] as Member, sound[2] as Member];
  await retire(world, gone);
  await release(world, moved);
  await chapter('one retired, one released', { allowed: sound.length - 2 });
  await enrolAgain(world, moved);
  await chapter('enrolled again, not proved', { allowed: sound.length - 2 });
  await attest(world, moved);
  await chapter('proved again', { allowed: sound.length - 1 });

  await deny(world, moved);
  await chapter('the kernel is denied', { allowed: 0 });
  const left = sound.filter((member) => member !== gone);
  await inTurn(left, 'attesting in vain', come);
  await removeDenyList(world, nextKernel);
  await chapter('the deny list is removed', { allowed: 0 });
  await inTurn(left, 'trusted again', come);
  await chapter('they attest again', { allowed: left.length });
  await lockOut(world, left, { chapter, inTurn, come });
}

/** The operators' mistake: the golden measurement of the kernel is retired while the fleet rests on it. */
async function lockOut(world: World, members: readonly Member[], { chapter, inTurn, come }: Telling): Promise<void> {
  const { server } = world;
  await retireGolden(world, nextKernel);
  await inTurn(members.slice(0, Math.floor(members.length / 4)), 'golden measurement retired', come);
  const few = members.length - Math.floor(members.length / 4);
  await chapter('a golden measurement is retired: a few lose trust', { allowed: few });
  await inTurn(members.slice(members.length - few), 'golden measurement retired', come);
  await chapter('more lose trust than the share: held', { allowed: members.length });
  const [again] = members;
  assert.ok(again);
  reboot(again);
  await attest(world, again);
  await chapter('held, and one boots again', { allowed: members.length - 1 });
  await endHold(world);
  await chapter('the hold is ended', { allowed: 0 });
  await approveAgain(world, nextKernel);
  server.advance(1);
  await inTurn(members, 'golden measurement mended', come);
  await chapter('mended', { allowed: members.length });
}

/** All at the same moment, each as often as it is told; admission is asked all the while. Returns how often hosts were sent away. */
async function stormUnderQuestions(
  world: World,
  { onCompared, onHeard }: Record<'onCompared' | 'onHeard', (count: number) => void>,
): Promise<number> {
  let sentAway = 0;
  let heard = 0;
  let isOver = false;
  const storm = Promise.all(
    world.fleet.map(async (member) => {
      sentAway += await attestWhenAllowed(world, member);
      onHeard((heard += 1));
    }),
  ).finally(() => {
    isOver = true;
  });
  // Whatever ends the questions, the storm is awaited: nobody is left talking to a server that is gone.
  storm.catch(() => undefined);
  while (!isOver) {
    onCompared(await askAround(world, 'during the power cut'));
    await sleep(50);
  }
  await storm;
  return sentAway;
}

function split<T>(items: readonly T[], parts: number): readonly (readonly T[])[] {
  const size = Math.max(1, Math.ceil(items.length / parts));
  return Array.from({ length: parts }, (_, part) => items.slice(part * size, (part + 1) * size));
}
