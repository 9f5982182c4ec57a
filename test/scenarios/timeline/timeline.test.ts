// Never a yes that has gone stale: what the server answers, beside an oracle that knows what must be true at each moment.
// [STANDARDS 10, attacks 27 and 41]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { challengeFor, evidenceFor, submit } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { breakGlass, endBreakGlass, endHold } from './grounds.ts';
import { approve, approveAgain, deny, removeDenyList, retireGolden, revoke } from './kernels.ts';
import { compare, compareEveryWay } from './questions.ts';
import { tellTimeline } from './story.ts';
import {
  announce,
  attest,
  closeWorld,
  createWorld,
  enrolAgain,
  firstKernel,
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

describe('the timeline of a fleet', () => {
  it('is what must be true at each moment, from boot to compromise and silence, whoever is asked about', async function () {
    this.timeout(300_000);
    const listener = { chapter: () => undefined, progress: () => undefined };
    const { compared, sentAway } = await tellTimeline(70, listener);
    assert.ok(sentAway > 0, 'the power cut was no more than the server takes at once');
    assert.ok(compared > 5000, `only ${compared} answers were compared`);
  });
});

const acts = {
  attest: 6,
  reboot: 3,
  'reboot tampered': 2,
  announce: 3,
  'late answer': 2,
  'wait a second': 1,
  'wait for half of it': 2,
  'wait for the end': 2,
  quarantine: 2,
  'quarantine briefly': 2,
  lift: 2,
  revoke: 1,
  approve: 2,
  deny: 1,
  'remove deny list': 2,
  release: 1,
  enrol: 2,
  retire: 1,
  restart: 1,
  'retire golden measurement': 3,
  'break-glass': 3,
  'break-glass, briefly': 1,
  'end break-glass': 1,
  'end hold': 1,
} as const;
type Act = keyof typeof acts;

interface Step {
  readonly act: Act;
  readonly host: number;
}

const hosts = 3;
const steps: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(...Object.entries(acts).map(([act, weight]) => ({ weight, arbitrary: fc.constant(act as Act) }))),
  host: fc.nat({ max: hosts - 1 }),
});

describe('a stale yes', () => {
  it('is never given, in whatever order a host boots, attests, lapses, is set aside, released or retired, and by any way of asking', async function () {
    this.timeout(180_000);
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 25 }), async (story) => {
        const world = await createWorld(hosts);
        try {
          const [first] = world.fleet;
          assert.ok(first);
          await attest(world, first);
          await approve(world, first);
          const life = createLife(world);
          for (const step of story) {
            const isDone = await life(step);
            if (!isDone) continue;
            await compare(world, world.fleet, JSON.stringify(step));
            for (const member of world.fleet) await compareEveryWay(world, member, JSON.stringify(step));
          }
        } finally {
          await closeWorld(world);
        }
      }),
      { numRuns: 8 },
    );
  });
});

/** Takes a step where it can be taken: the dead do not boot. Says whether it was. */
function createLife(world: World): (step: Step) => Promise<boolean> {
  const bound = new Set<Member>(world.fleet);
  const state: { golden: 'active' | 'retired' | 'revoked'; isDenied: boolean } = { golden: 'active', isDenied: false };
  return async ({ act, host }) => {
    const member = world.fleet[host];
    assert.ok(member);
    const isBound = bound.has(member);
    const done = async (work: () => unknown): Promise<boolean> => {
      await work();
      return true;
    };
    switch (act) {
      case 'wait a second':
        return done(() => world.server.advance(1));
      case 'wait for half of it':
        return done(() => world.server.advance(verdictSeconds / 2));
      case 'wait for the end':
        return done(() => world.server.advance(verdictSeconds));
      case 'restart':
        return done(() => restart(world));
      case 'quarantine':
        return done(() => quarantine(world, [member]));
      case 'quarantine briefly':
        return done(() => quarantine(world, [member], 300));
      case 'lift':
        return done(() => lift(world, member));
      case 'reboot':
        return done(() => reboot(member));
      case 'reboot tampered':
        return done(() => reboot(member, { isHonest: false }));
      case 'attest':
        return isBound && done(() => attest(world, member));
      case 'announce':
        return isBound && done(() => announce(world, member));
      case 'late answer':
        return isBound && done(() => answerTooLate(world, member));
      case 'revoke':
        if (state.golden === 'revoked') return false;
        state.golden = 'revoked';
        return done(() => revoke(world, firstKernel));
      case 'retire golden measurement':
        if (state.golden !== 'active') return false;
        state.golden = 'retired';
        return done(() => retireGolden(world, firstKernel));
      case 'approve':
        if (state.golden === 'active') return false;
        state.golden = 'active';
        return done(() => approveAgain(world, firstKernel));
      case 'break-glass':
        return done(() => breakGlass(world, world.fleet, verdictSeconds));
      case 'break-glass, briefly':
        return done(() => breakGlass(world, [member], verdictSeconds / 2));
      case 'end break-glass':
        return done(() => endBreakGlass(world));
      case 'end hold':
        return done(() => endHold(world));
      case 'deny':
        if (state.isDenied) return false;
        state.isDenied = true;
        return done(() => deny(world, member));
      case 'remove deny list':
        if (!state.isDenied) return false;
        state.isDenied = false;
        return done(() => removeDenyList(world, firstKernel));
      case 'release':
        return isBound && bound.delete(member) && done(() => release(world, member));
      case 'enrol':
        if (isBound || world.oracle.isRetired(member.id)) return false;
        bound.add(member);
        return done(() => enrolAgain(world, member));
      case 'retire':
        if (!isBound) return false;
        bound.delete(member);
        return done(() => retire(world, member));
    }
  };
}

/** A quote of this boot is on its way while the host boots again and says so. */
async function answerTooLate(world: World, member: Member): Promise<void> {
  const { challenge, enrolled } = await announce(world, member);
  const evidence = await evidenceFor(member.host, challenge);
  reboot(member);
  await challengeFor(enrolled, member.host);
  world.oracle.announced(member.id, await member.host.bootId());
  await refuses(submit(enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
}
