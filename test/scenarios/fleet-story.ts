// What must be true of a fleet at each moment of its life. Throws at the first moment when it is not.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { approve, createPaperFleet, decisions, rebootAll, storm, type FleetMember, type Herd } from './fleet-life.ts';

export interface FleetStory {
  readonly size: number;
  /** `limits.hostRequests` of the server. */
  readonly places: number;
  readonly say: (line: string) => void;
}

/** Returns what the power cut was like. */
export async function liveFleet({ size, places, say }: FleetStory): Promise<Herd> {
  const server = await startTestServer({ settings: { limits: { hostRequests: places } } });
  try {
    const { fleet, operators } = await createPaperFleet(server, size);
    say(`${size} hosts are enrolled`);
    report(say, 'first boot', await storm(server, fleet));
    await expectAll(server, fleet, 'allow');

    rebootAll(fleet, 'linux 6.1.0-56');
    const herd = await watch(server, fleet, () => storm(server, fleet));
    report(say, 'power cut', herd);
    await expectAll(server, fleet, 'allow');

    const [canary] = fleet;
    assert.ok(canary);
    rebootAll(fleet, 'linux 6.1.0-57');
    await storm(server, [canary]);
    await expectAll(server, [canary], 'deny');
    await approve(server, canary, operators);
    report(say, 'mass update', await watch(server, fleet, () => storm(server, fleet)));
    await expectAll(server, fleet, 'allow');

    const compromised = fleet.filter((_, index) => index % 100 === 7);
    for (const { host } of compromised) host.reboot({ tampering: ['changed-initrd'] });
    report(say, 'compromise', await storm(server, compromised));
    const sound = fleet.filter((member) => !compromised.includes(member));
    await expectAll(server, compromised, 'deny');
    await expectAll(server, sound, 'allow');

    server.advance(3600);
    await expectAll(server, fleet, 'deny');
    report(say, 'back after silence', await storm(server, sound));
    await expectAll(server, sound, 'allow');
    await expectAll(server, compromised, 'deny');
    return herd;
  } finally {
    await server.close();
  }
}

/** Asks for decisions all the time: whoever said that it booted again, and has not proved it, is denied. */
async function watch<T>(server: TestServer, fleet: readonly FleetMember[], life: () => Promise<T>): Promise<T> {
  let isOver = false;
  const living = life().finally(() => {
    isOver = true;
  });
  // Whatever ends the watch, the storm is awaited: nobody is left talking to a server that is gone.
  living.catch(() => undefined);
  while (!isOver) {
    const before = fleet.filter(({ state }) => state === 'announced');
    const answers = await decisions(server, before);
    for (const member of before.filter(({ state }) => state === 'announced')) {
      assert.equal(answers.get(member.enrolled.hostId), 'deny', `${member.enrolled.hostId} has not proved its boot`);
    }
    await sleep(50);
  }
  return living;
}

async function expectAll(server: TestServer, members: readonly FleetMember[], decision: string): Promise<void> {
  const wrong = [...(await decisions(server, members))].filter(([, answer]) => answer !== decision);
  assert.deepEqual(wrong, [], `all ${members.length} must be ${decision}`);
}

function report(
  say: (line: string) => void,
  what: string,
  { refusals, cuts, longestWaitSeconds, seconds }: Herd,
): void {
  const spread = `${refusals} times sent away, for ${longestWaitSeconds} s at most; ${cuts} connections cut`;
  say(`${what}: all heard after ${seconds.toFixed(1)} s; ${spread}`);
}
