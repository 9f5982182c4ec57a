// A herd without a network: every host is at the gate at once, and thinks for as long as a TPM signs between challenge and evidence.
import assert from 'node:assert/strict';
import { createLoadGate, type Place } from '../../../src/server/load/load-gate.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { Stage } from '../../../src/server/load/turns.ts';

interface Herd {
  readonly lastHeardMs: number;
  /** From a challenge to the verdict that answers it, at most. */
  readonly longestBegunMs: number;
  readonly sentAway: Readonly<Record<Stage, number>>;
}

interface Visit {
  readonly host: number;
  readonly stage: Stage;
  readonly challengedAt: number;
}

interface World {
  readonly requestMs: number;
  /** Between a challenge and its answer. */
  readonly thinkMs: number;
  /** Hosts that stall: their answers to challenges come all at once, so often. */
  readonly lumpMs: number;
}

/** A millisecond at a time. The server finishes a request every `requestMs`: what was begun first, as `createTurns` has it. */
function run(hosts: number, { lumpMs, requestMs, thinkMs }: World): Herd {
  let now = 0;
  const gate = createLoadGate({
    places: 64,
    begunMs: 120_000,
    clock: () => now,
    utilisation: () => 1,
    later: setImmediate,
    isQuestioned: () => false,
  });
  const coming = new Map<number, Visit[]>();
  const come = (at: number, visit: Visit): void => {
    coming.set(at, [...(coming.get(at) ?? []), visit]);
  };
  // Handshakes take their time.
  for (let host = 0; host < hosts; host += 1) come(host % 3000, { host, stage: 'opening', challengedAt: 0 });
  const inside: Record<Stage, { readonly visit: Visit; readonly place: Place }[]> = { opening: [], finishing: [] };
  const sentAway = { opening: 0, finishing: 0 };
  let [heard, longestBegunMs, busyUntil] = [0, 0, 0];
  for (; heard < hosts && now < 900_000; now += 1) {
    for (const visit of coming.get(now) ?? []) {
      try {
        inside[visit.stage].push({ visit, place: gate.enter(`host ${visit.host}`, visit.stage) });
      } catch (error) {
        assert.ok(error instanceof ServerError);
        sentAway[visit.stage] += 1;
        // As the agent: a little later by chance, which its number stands for here.
        const late = 1 + (visit.host % 100) / 1000;
        come(now + 1 + Math.round(Number(error.headers['retry-after']) * 1000 * late), visit);
      }
    }
    coming.delete(now);
    const next = now < busyUntil ? undefined : (inside.finishing.shift() ?? inside.opening.shift());
    if (next === undefined) continue;
    busyUntil = now + requestMs;
    next.place.leave();
    const { host, stage, challengedAt } = next.visit;
    if (stage === 'opening') {
      const answerAt = Math.ceil((now + thinkMs) / lumpMs) * lumpMs;
      come(answerAt, { host, stage: 'finishing', challengedAt: now });
    } else {
      heard += 1;
      longestBegunMs = Math.max(longestBegunMs, now - challengedAt);
    }
  }
  assert.equal(heard, hosts, 'all were heard');
  return { lastHeardMs: now, longestBegunMs, sentAway };
}

describe('a herd at the gate', () => {
  const hosts = 4000;
  const guess = 3;
  for (const [name, requestMs, refusals] of [
    ['at the pace that is guessed', guess, 1.5],
    ['at a quarter of the pace that is guessed', 4 * guess, 2.5],
  ] as const) {
    for (const thinkMs of [1, 1000]) {
      it(`is heard without long rests, ${name}, where hosts think for ${thinkMs} ms`, () => {
        const { lastHeardMs, longestBegunMs, sentAway } = run(hosts, { requestMs, thinkMs, lumpMs: 1 });
        assert.ok(lastHeardMs < 1.5 * hosts * 2 * requestMs, `the last after ${lastHeardMs} ms`);
        assert.ok(sentAway.opening < refusals * hosts, `sent away ${sentAway.opening} times`);
        assert.ok(longestBegunMs < 10_000 && sentAway.finishing === 0, `${longestBegunMs} ms from a challenge on`);
      });
    }
  }

  it('loses no challenge where many answers come at the same moment', () => {
    const { longestBegunMs, sentAway } = run(hosts, { requestMs: guess, thinkMs: 1, lumpMs: 1000 });
    assert.ok(sentAway.finishing > 0, 'nothing was seen');
    assert.ok(longestBegunMs < 30_000, `${longestBegunMs} ms from a challenge on`);
  });
});
