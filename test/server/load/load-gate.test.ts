import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { createLoadGate, type LoadGate, type Place } from '../../../src/server/load/load-gate.ts';
import { ServerError } from '../../../src/server/errors.ts';

describe('the gate that hosts wait at', () => {
  let now: number;
  let busy: number;
  let isQuestioned: boolean;
  const gateOf = (places: number): LoadGate =>
    createLoadGate({
      places,
      begunMs: 120_000,
      clock: () => now,
      utilisation: () => busy,
      later: setImmediate,
      isQuestioned: () => isQuestioned,
    });
  beforeEach(() => {
    now = 1000;
    busy = 0;
    isQuestioned = false;
  });

  const refusal = (gate: LoadGate, actor: string, stage: 'opening' | 'finishing' = 'opening'): number => {
    try {
      gate.enter(actor, stage);
    } catch (error) {
      assert.ok(error instanceof ServerError && error.code === 'SERVER_BUSY', String(error));
      return Number(error.headers['retry-after']);
    }
    return 0;
  };

  it('lets those who come together in one in a turn of the event loop, while others ask', async () => {
    const gate = gateOf(4);
    assert.equal(gate.arrive(), undefined, 'nobody asks');
    isQuestioned = true;
    const order: string[] = [];
    const come = async (name: string): Promise<void> => {
      await gate.arrive();
      order.push(name);
    };
    const work = ['a', 'b', 'c'].map(come);
    const inside = gate.enter('host x', 'finishing').turn();
    void inside.then(() => order.push('x'));
    assert.deepEqual(order, []);
    await nextTurn();
    assert.deepEqual(order, ['a', 'x'], 'who is inside waits for one of them, and not for all');
    await Promise.all(work);
    assert.deepEqual(order, ['a', 'x', 'b', 'c']);
  });

  it('lets new work take half of the places, and finishes what was begun with the rest', () => {
    const gate = gateOf(4);
    gate.enter('host a', 'opening');
    gate.enter('host b', 'opening');
    assert.ok(refusal(gate, 'host c') >= 1);
    gate.enter('host a', 'finishing');
    gate.enter('host b', 'finishing');
    assert.ok(refusal(gate, 'host d', 'finishing') >= 1);
  });

  it('sends away what came to be finished and turns out to be new, when nothing new is begun', () => {
    const gate = gateOf(4);
    gate.enter('host a', 'finishing');
    gate.enter('host b', 'finishing');
    gate.admitNew();
    const place = gate.enter('host c', 'finishing');
    assert.throws(() => gate.admitNew(), { code: 'SERVER_BUSY' });
    place.leave();
    gate.admitNew();
  });

  it('says how many are inside, how many were sent away, and how far ahead the last appointment is', () => {
    const gate = gateOf(4);
    gate.enter('host a', 'opening');
    gate.enter('token x', 'opening');
    gate.enter('host b', 'opening');
    for (let host = 0; host < 400; host += 1) refusal(gate, `host ${host}`);
    assert.deepEqual(gate.occupancy(), { places: 4, inside: 3, sentAway: 400, bookedSeconds: 2.5 });
    assert.equal(gate.load(), 0.5);
    now += 2000;
    assert.equal(gate.occupancy().bookedSeconds, 0.5);
  });

  it('gives a place back once, whatever is called twice', () => {
    const gate = gateOf(2);
    const place = gate.enter('host a', 'opening');
    place.leave();
    place.leave();
    gate.enter('host b', 'opening');
    assert.ok(refusal(gate, 'host c') >= 1);
  });

  it('keeps one host from taking the places of the others', () => {
    const gate = gateOf(100);
    const places = [gate.enter('host a', 'opening'), gate.enter('host a', 'finishing')];
    for (const left of [1, 2]) {
      assert.ok(refusal(gate, 'host a') >= 1);
      for (const place of places.splice(0, left)) place.leave();
      while (places.length < 2) places.push(gate.enter('host a', 'finishing'));
    }
    assert.ok(refusal(gate, 'host a') >= 1);
    assert.equal(gate.occupancy().sentAway, 3);
    assert.equal(refusal(gate, 'host b'), 0);
    for (let one = 0; one < 50; one += 1) assert.equal(refusal(gate, 'anonymous', 'finishing'), 0);
    assert.ok(refusal(gate, 'anonymous', 'finishing') >= 1);
  });

  it('keeps strangers from taking the places of hosts', () => {
    const gate = gateOf(4);
    for (const actor of ['anonymous', 'anonymous', 'token tok_a', 'token tok_a']) gate.enter(actor, 'finishing');
    assert.ok(refusal(gate, 'anonymous', 'finishing') >= 1);
    assert.deepEqual([refusal(gate, 'host a'), refusal(gate, 'host b', 'finishing')], [0, 0]);
    assert.doesNotThrow(() => gate.admitNew());
    assert.equal(gate.load(), 0.5);
  });

  it('tells those whose work was begun to come soon, however far ahead the others are told to', () => {
    const gate = gateOf(2);
    gate.enter('host a', 'opening');
    for (let more = 0; more < 20_000; more += 1) refusal(gate, `host ${more}`);
    assert.ok(refusal(gate, 'host x') > 120);
    gate.enter('host b', 'finishing');
    const waits = Array.from({ length: 7000 }, (_, index) => refusal(gate, `host ${index}`, 'finishing'));
    // At last a third of the time in which it can be finished.
    assert.deepEqual([waits[159], waits[160], waits.at(-1)], [1, 2, 40]);
    assert.ok(gate.occupancy().bookedSeconds > 120);
  });

  it('ends the connection of whoever shall come much later, and of no other', () => {
    const gate = gateOf(2);
    gate.enter('host a', 'opening');
    const ends: (readonly [wait: number, connection: string | undefined])[] = [];
    for (let more = 0; more < 1000; more += 1) {
      try {
        gate.enter(`host ${more}`, 'opening');
      } catch (error) {
        assert.ok(error instanceof ServerError);
        ends.push([Number(error.headers['retry-after']), error.headers['connection']]);
      }
    }
    assert.ok(ends.some(([wait]) => wait === 5) && ends.some(([wait]) => wait === 6));
    for (const [wait, connection] of ends) assert.equal(connection, wait > 5 ? 'close' : undefined);
  });

  it('puts nobody off for what one host does too much of', () => {
    const gate = gateOf(2);
    gate.enter('host a', 'finishing');
    gate.enter('host a', 'finishing');
    for (let more = 0; more < 1000; more += 1) assert.equal(refusal(gate, 'host a'), 1);
    assert.equal(gate.occupancy().bookedSeconds, 0);
    assert.equal(refusal(gate, 'host b'), 1);
  });

  it('gives one appointment after the other, at the pace it keeps, and never more than a quarter of an hour away', () => {
    const gate = gateOf(2);
    gate.enter('host a', 'opening');
    const waits = Array.from({ length: 1000 }, (_, index) => refusal(gate, `host ${index}`));
    assert.deepEqual(
      waits,
      waits.toSorted((left, right) => left - right),
    );
    assert.equal(waits[0], 1);
    // 400 requests a second to begin with: 200 visits, of which 160 are given out.
    assert.equal(waits.at(-1), 7);
    const perSecond = new Map<number, number>();
    for (const wait of waits) perSecond.set(wait, (perSecond.get(wait) ?? 0) + 1);
    assert.ok(Math.max(...perSecond.values()) <= 161, 'appointments do not pile up');
    for (let more = 0; more < 100_000; more += 1) assert.ok(refusal(gate, `host x${more}`) <= 900);
  });

  it('books from now on when the queue has gone', () => {
    const gate = gateOf(2);
    gate.enter('host a', 'opening');
    for (let more = 0; more < 400; more += 1) refusal(gate, `host ${more}`);
    now += 60_000;
    assert.equal(refusal(gate, 'host z'), 1);
  });

  it('measures its pace when it is full, and spreads appointments by it', () => {
    const gate = gateOf(2);
    for (let second = 0; second < 60; second += 1) {
      for (let done = 0; done < 10; done += 1) {
        const place = gate.enter('host a', 'opening');
        refusal(gate, 'host b');
        now += 100;
        place.leave();
      }
    }
    now += 900_000;
    gate.enter('host a', 'opening');
    const waits = Array.from({ length: 100 }, (_, index) => refusal(gate, `host ${index}`));
    // Ten requests a second are five visits, four of which are given out: a hundred hosts in 25 seconds.
    assert.ok(Math.abs((waits.at(-1) ?? 0) - 25) <= 2, String(waits.at(-1)));
  });

  it('measures its pace by what was done, and not by those who were inside and had to leave', () => {
    const gate = gateOf(4);
    const [first, second] = [gate.enter('host a', 'finishing'), gate.enter('host b', 'finishing')];
    const lastWait = (hosts: number): number => {
      now += 900_000;
      return Array.from({ length: hosts }, (_, index) => refusal(gate, `host ${index}`)).at(-1) ?? 0;
    };
    for (let time = 0; time < 1200; time += 1) {
      const place = gate.enter('host c', 'finishing');
      assert.throws(() => gate.admitNew(), { code: 'SERVER_BUSY' });
      now += 50;
      place.leave();
    }
    // One request a second is half a visit, of which 0.8 are given out.
    assert.equal(lastWait(10), 25);
    second.leave();
    for (let time = 0; time < 600; time += 1) {
      const place = gate.enter('host b', 'opening');
      refusal(gate, 'host c');
      now += 100;
      place.leave();
    }
    gate.enter('host b', 'opening');
    assert.ok(Math.abs(lastWait(100) - 25) <= 2);
    first.leave();
  });

  it('is as loaded as the busier of process and places', () => {
    const gate = gateOf(4);
    assert.equal(gate.load(), 0);
    busy = 0.3;
    assert.equal(gate.load(), 0.3);
    gate.enter('host a', 'opening');
    gate.enter('host b', 'opening');
    assert.equal(gate.load(), 0.5);
  });

  it('never lets in more than its places, whoever comes and goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.array(fc.tuple(fc.nat({ max: 5 }), fc.boolean(), fc.boolean()), { maxLength: 100 }),
        (places, visits) => {
          const gate = gateOf(places);
          const inside: Place[] = [];
          for (const [host, isOpening, leaves] of visits) {
            if (leaves) inside.shift()?.leave();
            try {
              inside.push(gate.enter(`host ${host}`, isOpening ? 'opening' : 'finishing'));
            } catch (error) {
              assert.ok(error instanceof ServerError);
            }
            assert.ok(inside.length <= places);
          }
          for (const place of inside) place.leave();
          assert.equal(gate.load(), 0);
        },
      ),
    );
  });
});
