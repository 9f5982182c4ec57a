// The parts of a simulation by themselves: when hosts come, how durations are counted, and what becomes of hosts sent away.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { createNextChallenge } from '../../../src/agent/index.ts';
import { planArrivals, type ArrivalName } from '../../../src/cli/simulate/arrivals.ts';
import { drawOrder, tamperFleet, usualTamperings, type SimulatedHost } from '../../../src/cli/simulate/fleet.ts';
import { createHistogram } from '../../../src/cli/simulate/histogram.ts';
import { inLanes } from '../../../src/cli/simulate/lanes.ts';
import { createTally, isSound } from '../../../src/cli/simulate/tally.ts';
import { visit } from '../../../src/cli/simulate/visit.ts';
import { createFleet, createSimulatorAuthority } from '../../../src/simulator/index.ts';
import { listenOnLoopback } from '../../support/loopback.ts';
import { startTestServer } from '../../support/test-server.ts';
import { trustedWorld } from '../../support/paper-story.ts';

const authority = createSimulatorAuthority({ at: new Date('2026-11-25T00:00:00Z') });

function fleetOf(size: number): SimulatedHost[] {
  return [...createFleet({ seed: 'load', size, authority })].map((host) => ({
    host,
    enrolment: { server: '', serverId: 'test.example', hostId: host.name, akName: 'ab'.repeat(34), hostToken: 'x' },
    next: createNextChallenge(),
  }));
}

describe('arrivals', () => {
  const moments = (name: ArrivalName, size: number, more: object = {}) => {
    const options = { intervalSeconds: 10, durationSeconds: 10, limit: 1000, ...more };
    return [...planArrivals(name, fleetOf(size), options)].map(({ atMs }) => Math.round(atMs));
  };

  it('at a power cut are every host once, at one moment', () => {
    assert.deepEqual(moments('power-cut', 5), [0, 0, 0, 0, 0]);
  });

  it('spread evenly, each host once per interval', () => {
    assert.deepEqual(moments('even', 4), [0, 2500, 5000, 7500]);
    assert.equal(moments('even', 4, { durationSeconds: 25 }).length, 10);
  });

  it('rise to the pace of the fleet, and are half as many until then', () => {
    const ramp = moments('ramp', 20, { durationSeconds: 100 });
    assert.equal(ramp.length, 100);
    const [firstHalf, secondHalf] = [ramp.filter((at) => at < 50_000), ramp.filter((at) => at >= 50_000)];
    assert.equal(firstHalf.length, 25);
    assert.equal(secondHalf.length, 75);
  });

  it('end where they are limited', () => {
    assert.equal(moments('full-speed', 3, { limit: 7 }).length, 7);
    assert.equal(moments('even', 3, { limit: 2 }).length, 2);
  });
});

describe('a histogram of durations', () => {
  it('is within two in a hundred of the exact quantiles, and exact at the end', () => {
    const durations = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, share) => {
        const histogram = createHistogram();
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((left, right) => left - right);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const told = histogram.quantile(share);
        assert.ok(told >= exact * 0.999999 && told <= exact * 1.0201, `${told} for ${exact}`);
        assert.equal(histogram.max, sorted.at(-1));
        const counted = histogram.bars().reduce((sum, { count }) => sum + count, 0);
        assert.equal(counted, values.length);
      }),
    );
  });

  it('shows the steps between its bars, empty ones too', () => {
    const histogram = createHistogram();
    for (const value of [0.9, 4, 4, 30]) histogram.add(value);
    assert.deepEqual(histogram.bars(), [
      { uptoMs: 1, count: 1 },
      { uptoMs: 2, count: 0 },
      { uptoMs: 5, count: 2 },
      { uptoMs: 10, count: 0 },
      { uptoMs: 20, count: 0 },
      { uptoMs: 50, count: 1 },
    ]);
  });

  it('says nothing when nothing was counted', () => {
    assert.deepEqual(createHistogram().bars(), []);
    assert.equal(createHistogram().quantile(0.5), 0);
  });
});

describe('a fleet', () => {
  it('has as many liars as told, the same for the same seed', () => {
    const lies = (seed: string) => {
      const members = fleetOf(20);
      assert.equal(tamperFleet(members, { seed, share: 0.25, names: usualTamperings }), 5);
      return members.map(({ host }) => host.tampering.join());
    };
    assert.equal(lies('one').filter((lie) => lie !== '').length, 5);
    assert.deepEqual(lies('one'), lies('one'));
    assert.notDeepEqual(lies('one'), lies('two'));
  });

  it('comes in an order of its own, nobody left out', () => {
    const members = fleetOf(20);
    const order = drawOrder(members, 'seed');
    assert.notDeepEqual(order, members);
    assert.deepEqual(new Set(order), new Set(members));
  });
});

describe('lanes', () => {
  it('never do more at once than told, and do everything', async () => {
    let [now, most, done] = [0, 0, 0];
    await inLanes(Array.from({ length: 50 }), 7, async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      done += 1;
    });
    assert.deepEqual({ most, done }, { most: 7, done: 50 });
  });

  it('take nothing new after a failure, which is thrown', async () => {
    let begun = 0;
    const failing = inLanes([1, 2, 3, 4, 5], 1, (item) => {
      begun += 1;
      return item === 2 ? Promise.reject(new TypeError('two')) : Promise.resolve();
    });
    await assert.rejects(failing, /two/);
    assert.equal(begun, 2);
  });
});

describe('a visit', () => {
  it('keeps the appointments it is given and counts them, and is heard in the end', async () => {
    const server = await startTestServer();
    try {
      const { enrolled, host } = await trustedWorld(server);
      let refusals = 1;
      const busy = createServer((_request, response) => {
        if (refusals > 0) {
          refusals -= 1;
          response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' });
          response.end(JSON.stringify({ type: 'about:blank', title: 'busy', status: 503, code: 'SERVER_BUSY' }));
          return;
        }
        // Sent on to where its proof is for.
        response.writeHead(500).end();
      });
      const proxy = await listenOnLoopback(busy);
      const tally = createTally();
      const member = {
        host,
        enrolment: enrolmentOf(enrolled.hostId, enrolled.token, host.akName),
        next: createNextChallenge(),
      };
      const controller = new AbortController();
      const road = { kept: undefined, signal: controller.signal, random: () => 0 };
      setTimeout(() => controller.abort(), 1800);
      await visit({ ...road, server: { baseUrl: proxy.url } }, member, tally, performance.now());
      assert.equal(tally.sentAway, 1);
      assert.equal(tally.lost, 0, 'who was interrupted is not lost');
      assert.ok(tally.errors > 0 && !isSound(tally), 'an answer that is none is an error');
      await proxy.close();

      const heard = createTally();
      const still = new AbortController().signal;
      await visit({ ...road, signal: still, server: { baseUrl: server.url } }, member, heard, performance.now());
      assert.equal(heard.outcomes.trusted, 1);
      assert.ok(isSound(heard));
    } finally {
      await server.close();
    }
  });
});

function enrolmentOf(hostId: string, hostToken: string, akName: Uint8Array) {
  return { server: '', serverId: 'test.example', hostId, hostToken, akName: Buffer.from(akName).toString('hex') };
}
